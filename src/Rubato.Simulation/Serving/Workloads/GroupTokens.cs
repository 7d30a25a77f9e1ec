using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Tokens that depend on the group up to some position, and on the request from there on.</summary>
internal sealed class GroupTokens(RequestId id, int group, int groupTokens) : ITokenSource
{
    public int At(int position) => SimulatedTokens.At(position < groupTokens ? ~(ulong)group : (ulong)id.Value, position);
}
