namespace Rubato.Simulation.Serving;

/// <summary>The tokens of one conversation, the same in all its turns.</summary>
internal sealed class ConversationTokens(int number) : ITokenSource
{
    public int At(int position) => SimulatedTokens.At(~(ulong)number, position);
}
