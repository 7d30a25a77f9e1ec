namespace Rubato.Core;

/// <summary>Where trace events go.</summary>
public interface ITraceSink
{
    /// <summary>Takes one event; events may come in any order of time.</summary>
    void Write(TraceEvent traceEvent);
}
