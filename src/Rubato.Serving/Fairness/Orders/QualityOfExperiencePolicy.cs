using Rubato.Core;

namespace Rubato.Serving.Fairness.Orders;

/// <summary>Memory goes where it improves most, per block, how well users who read along are served.</summary>
/// <remarks>
/// While less than a share of the device's memory is in use, arrival decides and nobody is displaced. Beyond, sequences stand by what being
/// served rather than waiting gains them, per KV block; residents by a bonus more, against needless switches. A request that has fallen far
/// behind has little to gain: this policy does not promise that nobody starves.
/// </remarks>
internal sealed class QualityOfExperiencePolicy(ServicePolicyOptions options) : IServicePolicy
{
    // Weight of the newest step in the measured time per token.
    private const double Smoothing = 0.1;

    private readonly Offers _offers = new();
    private readonly QualityOfExperience _quality = new(options.TargetTtftSeconds, options.TargetTokenSeconds, options.HorizonSeconds);
    private double _measured = double.NaN;
    private long _iteration;
    private Instant _selectedAt;
    private bool _tookSomebody;

    public string Name => "qoe";

    /// <summary>Seconds per token of a sequence that is served: given, or measured, or the target before anything was measured.</summary>
    public double Latency => options.ServedTokenSeconds ?? (double.IsNaN(_measured) ? options.TargetTokenSeconds : _measured);

    /// <summary>What a sequence gains by being served over the horizon rather than waiting.</summary>
    public double ValueOf(IScheduledSequence sequence, Instant now)
    {
        var elapsed = (now - sequence.AdmittedAt).Seconds;
        var lastToken = sequence.LastTokenAt is { } at ? (at - sequence.AdmittedAt).Seconds : 0;
        var gain = _quality.IfServed(elapsed, sequence.OutputTokens, lastToken, Latency) - _quality.IfNotServed(elapsed, sequence.OutputTokens);
        return sequence.IsResident ? gain * options.ResidentBonus : gain;
    }

    public void Arrived(IScheduledSequence sequence, Instant now)
    {
    }

    public void BeginSelection(IReadOnlyList<IScheduledSequence> live, long iteration, Instant now)
    {
        Measure(iteration, now);
        var contested = IsContested(live);
        _offers.Clear();
        for (var i = 0; i < live.Count; i++)
        {
            var sequence = live[i];
            _offers.Add(sequence, contested ? -ValueOf(sequence, now) / Math.Max(1, Math.Max(sequence.BlocksWanted, sequence.BlocksHeld)) : 0);
        }
    }

    public IScheduledSequence? Next() => _offers.Next();

    public void Take(IScheduledSequence sequence) => _tookSomebody = true;

    public void Served(IScheduledSequence sequence, int promptTokens, int outputTokens, Instant now)
    {
    }

    public void Left(IScheduledSequence sequence, Instant now)
    {
    }

    private bool IsContested(IReadOnlyList<IScheduledSequence> live)
    {
        var held = 0L;
        for (var i = 0; i < live.Count; i++)
        {
            held += live[i].BlocksHeld;
        }

        return held >= options.ContestedShare * options.DeviceBlocks;
    }

    private void Measure(long iteration, Instant now)
    {
        if (_tookSomebody && iteration > _iteration && now > _selectedAt)
        {
            var perStep = (now - _selectedAt).Seconds / (iteration - _iteration);
            _measured = double.IsNaN(_measured) ? perStep : _measured + Smoothing * (perStep - _measured);
        }

        _iteration = iteration;
        _selectedAt = now;
        _tookSomebody = false;
    }
}
