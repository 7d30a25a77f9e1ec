using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers.Faults;

/// <summary>Delays, failures and flipped bits by a seed: the same for a slice whichever thread copies it, and whenever.</summary>
/// <param name="seed">Any number.</param>
/// <param name="failureShare">Share of the slices that fail, 0 … 1.</param>
/// <param name="corruptShare">Share of the slices that come back with a flipped bit, 0 … 1.</param>
/// <param name="spinsMax">A slice waits up to this many spins, each a few nanoseconds, and yields its processor now and then.</param>
internal sealed class RandomTransferFaults(ulong seed, double failureShare = 0, double corruptShare = 0, int spinsMax = 0) : ITransferFaults
{
    public TransferFault Before(long ticket, TransferDirection direction, int slice)
    {
        var prng = new Prng(Prng.Mix(seed, unchecked(((ulong)ticket << 20) + (ulong)slice)));
        if (spinsMax > 0)
        {
            Thread.SpinWait(prng.NextInt32(spinsMax));
            if (prng.NextInt32(4) == 0)
            {
                Thread.Yield();
            }
        }

        var draw = prng.NextDouble();
        return draw < failureShare ? TransferFault.Fail : draw < failureShare + corruptShare ? TransferFault.Corrupt : TransferFault.None;
    }
}
