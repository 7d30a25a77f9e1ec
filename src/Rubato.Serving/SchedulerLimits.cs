using Rubato.Serving.Fairness;
using Rubato.Serving.Switching;

namespace Rubato.Serving;

/// <summary>Validated, immutable <see cref="SchedulerOptions"/>; made by <see cref="SchedulerOptionsValidator.Validate"/>.</summary>
public sealed record SchedulerLimits
{
    internal SchedulerLimits(SchedulerOptions options)
    {
        BlockTokens = options.BlockTokens;
        KvBlocks = options.KvBlocks;
        TokenBudgetPerStep = options.TokenBudgetPerStep;
        RunningMax = options.RunningMax;
        WaitingMax = options.WaitingMax;
        ContextTokens = options.ContextTokens;
        PrefixCaching = options.PrefixCaching;
        Policy = options.Policy;
        Fairness = options.Fairness;
        Switching = options.Switching;
    }

    /// <inheritdoc cref="SchedulerOptions.BlockTokens"/>
    public int BlockTokens { get; }

    /// <inheritdoc cref="SchedulerOptions.KvBlocks"/>
    public int KvBlocks { get; }

    /// <inheritdoc cref="SchedulerOptions.TokenBudgetPerStep"/>
    public int TokenBudgetPerStep { get; }

    /// <inheritdoc cref="SchedulerOptions.RunningMax"/>
    public int RunningMax { get; }

    /// <inheritdoc cref="SchedulerOptions.WaitingMax"/>
    public int WaitingMax { get; }

    /// <inheritdoc cref="SchedulerOptions.ContextTokens"/>
    public int ContextTokens { get; }

    /// <inheritdoc cref="SchedulerOptions.PrefixCaching"/>
    public bool PrefixCaching { get; }

    /// <inheritdoc cref="SchedulerOptions.Policy"/>
    public string Policy { get; }

    /// <inheritdoc cref="SchedulerOptions.Fairness"/>
    public ServicePolicyOptions Fairness { get; }

    /// <inheritdoc cref="SchedulerOptions.Switching"/>
    public SwitchingOptions Switching { get; }

    /// <summary>Most tokens, prompt plus output, that one request may ever hold: the smaller of context and pool.</summary>
    public int SequenceTokensMax => (int)Math.Min(ContextTokens, (long)KvBlocks * BlockTokens);

    /// <summary>The largest <see cref="Request.OutputTokensMax"/> that is admitted with a prompt of this length; 0 when none is.</summary>
    public int OutputTokensLimit(int promptTokens) => Math.Max(0, SequenceTokensMax - promptTokens);

    /// <summary>Blocks that hold <paramref name="tokens"/> positions: ⌈tokens ÷ BlockTokens⌉.</summary>
    public int BlocksFor(int tokens) => (int)(((long)tokens + BlockTokens - 1) / BlockTokens);
}
