using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Links;

/// <summary>One direction of a link: a job that runs, and two lanes of jobs that wait.</summary>
internal sealed class LinkChannel
{
    private readonly LinkedList<LinkJob> _urgent = [];
    private readonly LinkedList<LinkJob> _bulk = [];
    private Instant _since;
    private double _speed = 1;

    public LinkJob? Active { get; private set; }

    /// <summary>When the active job stops; null when there is none.</summary>
    public Instant? StopsAt { get; private set; }

    public void Enqueue(LinkJob job) => LaneOf(job).AddLast(job);

    /// <summary>Puts a job that stopped for another in front of its lane.</summary>
    public void PutBack(LinkJob job) => LaneOf(job).AddFirst(job);

    public void Remove(LinkJob job) => LaneOf(job).Remove(job);

    public bool HasUrgent(Func<LinkJob, bool> canStart) => _urgent.First is { } head && canStart(head.Value);

    /// <summary>Starts the head of the urgent lane, or else that of the bulk lane, when nothing before it is in flight.</summary>
    public void StartNext(Func<LinkJob, bool> canStart, Instant at)
    {
        var lane = HasUrgent(canStart) ? _urgent : _bulk;
        if (lane.First is { } head && canStart(head.Value))
        {
            lane.RemoveFirst();
            Active = head.Value;
            Active.Resume();
            _since = at;
            _speed = 1;
            Predict();
        }
    }

    public void StopActiveAtSlice(Instant at)
    {
        MoveTo(at);
        Active!.StopAtSlice();
        Predict();
    }

    /// <summary>Whether the other direction runs too changes how fast the active job moves.</summary>
    public void SetSpeed(bool duplex, Instant at)
    {
        var speed = Active is null || !duplex ? 1 : Active.DuplexSpeed;
        if (Active is not null && speed != _speed)
        {
            MoveTo(at);
            _speed = speed;
            Predict();
        }
    }

    /// <summary>The active job, which has come to where it stops.</summary>
    public LinkJob TakeStopped()
    {
        var job = Active!;
        job.ResumeSeconds = 0;
        job.Position = job.StopAt;
        (Active, StopsAt) = (null, null);
        return job;
    }

    /// <summary>Time that the jobs of this direction take from <paramref name="now"/> on, alone.</summary>
    public Duration BusyFrom(Instant now)
    {
        var seconds = _urgent.Sum(job => job.Length - job.Position) + _bulk.Sum(job => job.Length - job.Position);
        if (Active is { } active)
        {
            MoveTo(now);
            seconds += active.Length - active.Position + active.ResumeSeconds;
        }

        return Duration.FromSeconds(seconds);
    }

    private void MoveTo(Instant at)
    {
        var job = Active!;
        var seconds = (at - _since).Seconds;
        var resumed = Math.Min(seconds, job.ResumeSeconds);
        job.ResumeSeconds -= resumed;
        job.Position = Math.Min(job.StopAt, job.Position + (seconds - resumed) * _speed);
        _since = at;
    }

    private void Predict() =>
        StopsAt = _since + Duration.FromSeconds(Math.Max(0, Active!.ResumeSeconds + (Active.StopAt - Active.Position) / _speed));

    private LinkedList<LinkJob> LaneOf(LinkJob job) => job.Order.Lane == TransferLane.Urgent ? _urgent : _bulk;
}
