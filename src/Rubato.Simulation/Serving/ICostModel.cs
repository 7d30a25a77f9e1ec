using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>How long a step takes in a simulated world.</summary>
public interface ICostModel
{
    /// <summary>The time that executing <paramref name="plan"/> takes; not negative.</summary>
    Duration StepDuration(StepPlan plan);
}
