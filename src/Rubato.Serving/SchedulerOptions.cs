using System.ComponentModel.DataAnnotations;
using Rubato.Serving.Fairness;
using Rubato.Serving.Switching;

namespace Rubato.Serving;

/// <summary>Limits and sizes of one scheduler.</summary>
public sealed class SchedulerOptions
{
    /// <summary>Token positions in one KV block. Range 1…1,024; default 16.</summary>
    [Range(1, 1024)]
    public int BlockTokens { get; set; } = 16;

    /// <summary>KV blocks in the pool. Range 1…16,777,216; default 1024.</summary>
    [Range(1, 1 << 24)]
    public int KvBlocks { get; set; } = 1024;

    /// <summary>Most tokens in one step, prefill and decode together; at least RunningMax. Range 1…1,048,576; default 512.</summary>
    [Range(1, 1 << 20)]
    public int TokenBudgetPerStep { get; set; } = 512;

    /// <summary>Most sequences that hold KV blocks at once. Range 1…65,536; default 64.</summary>
    [Range(1, 1 << 16)]
    public int RunningMax { get; set; } = 64;

    /// <summary>
    /// Requests accepted beyond RunningMax: with RunningMax + WaitingMax alive one more is refused. Range 0…1,048,576; default 256.
    /// </summary>
    [Range(0, 1 << 20)]
    public int WaitingMax { get; set; } = 256;

    /// <summary>Context length of the model: prompt plus output of one request. Range 1…16,777,216; default 4096.</summary>
    [Range(1, 1 << 24)]
    public int ContextTokens { get; set; } = 4096;

    /// <summary>Computes equal beginnings once: full KV blocks are found by their tokens, shared, and kept while memory lasts. Default true.</summary>
    public bool PrefixCaching { get; set; } = true;

    /// <summary>Who is served next: the name of a service policy. Default fcfs.</summary>
    public string Policy { get; set; } = "fcfs";

    /// <summary>The parameters of the policy.</summary>
    public ServicePolicyOptions Fairness { get; set; } = ServicePolicyOptions.Default;

    /// <summary>How sequences leave the device and come back. Default: without a swap arena, victims are computed again.</summary>
    public SwitchingOptions Switching { get; set; } = new();
}
