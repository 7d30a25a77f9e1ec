using System.Text;
using CsCheck;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Journal;
using Rubato.Serving.Switching;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Tests.Journal;

public sealed class JournalRoundTripTests
{
    private static readonly JournalHeader Header = new(new());

    private static readonly Gen<SamplingParameters> Sampling =
        Gen.Select(Gen.Double[0, 100], Gen.Int[0, 100], Gen.Double[0.01, 1], Gen.ULong, Gen.Int[0, 20].Nullable())
            .Select((temperature, topK, topP, seed, count) => new SamplingParameters
            {
                Temperature = temperature,
                TopK = topK,
                TopP = topP,
                Seed = seed,
                LogProbabilityCount = count,
            });

    private static readonly Gen<SamplingParameters> AdjustedSampling =
        Gen.Select(Sampling, Gen.Double[0, 1], Gen.Double[0.01, 1], Gen.Double[0.01, 100], Gen.Double[-2, 2], Gen.Double[-2, 2])
            .Select((sampling, minP, typicalP, repetition, presence, frequency) => sampling with
            {
                MinP = minP,
                TypicalP = typicalP,
                RepetitionPenalty = repetition,
                PresencePenalty = presence,
                FrequencyPenalty = frequency,
                LogitBias = [new((int)(sampling.Seed % 1000), frequency * 50), new(2000, minP)],
            });

    private static readonly Gen<Request> Requests =
        Gen.Select(Gen.Long, Gen.String, Gen.Int, Gen.Int.Array[0, 5], Gen.Int.Array[0, 20], Gen.OneOf(Sampling, AdjustedSampling), Gen.Select(Gen.String, Gen.Enum<HiddenStateUse>()))
            .Select((id, client, limit, stops, prompt, sampling, other) => new Request
            {
                Id = new(id),
                Client = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(client)),
                OutputTokensMax = limit,
                StopTokens = [.. stops],
                PromptTokens = [.. prompt],
                Sampling = sampling,
                User = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(client)) + "u",
                Priority = limit % 7,
                CacheSalt = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(other.Item1)),
                HiddenStates = other.Item2,
            });

    [Fact]
    public void The_header_has_every_option()
    {
        var options = new SchedulerOptions
        {
            PrefixCaching = false,
            Policy = "trace",
            Fairness = new() { TraceCorrelation = 0.8, ClientWeights = ServicePolicyOptions.Default.ClientWeights.Add("a", 2) },
            Switching = new() { SwapBlocks = 5, Timing = SwitchTiming.Asynchronous, Groups = new(60, 16), Batch = BatchForm.PromptsFirst },
        };
        using var stream = new MemoryStream();
        new JournalWriter(stream, new(options)).Dispose();
        var back = new JournalReader(new MemoryStream(stream.ToArray())).Header.Options;
        Assert.False(back.PrefixCaching);
        Assert.Equal("trace", back.Policy);
        Assert.Equal(options.Switching, back.Switching);
        Assert.Equal(options.Fairness.ClientWeights.AsEnumerable(), back.Fairness.ClientWeights);
        Assert.Equal(options.Fairness with { ClientWeights = back.Fairness.ClientWeights }, back.Fairness);
    }

    [Fact]
    public void Admissions_come_back_as_they_were_written() => Gen.Select(Requests, Gen.Enum<AdmissionOutcome>(), Gen.Long).Sample(
        (request, outcome, at) =>
        {
            var back = Assert.IsType<AdmitEntry>(RoundTrip(new AdmitEntry(new(at), request, outcome)));
            Assert.Equal(new Instant(at), back.At);
            Assert.Equal(outcome, back.Outcome);
            Assert.Equal(request.PromptTokens.AsEnumerable(), back.Request.PromptTokens);
            Assert.Equal(request.StopTokens.AsEnumerable(), back.Request.StopTokens);
            Assert.Equal(request.Sampling.LogitBias.AsEnumerable(), back.Request.Sampling.LogitBias);
            Assert.Equal(request, back.Request with
            {
                PromptTokens = request.PromptTokens,
                StopTokens = request.StopTokens,
                Sampling = back.Request.Sampling with { LogitBias = request.Sampling.LogitBias },
            });
        },
        iter: FuzzScale.Times(2_000));

    [Fact]
    public void Other_calls_come_back_as_they_were_written() => Gen.Select(Gen.Long, Gen.Long, Gen.Bool, Gen.Enum<ShutdownMode>()).Sample(
        (at, id, flag, mode) =>
        {
            foreach (var entry in new JournalEntry[] { new CancelEntry(new(at), new(id), flag), new ShutdownEntry(new(at), mode), new TransferEndedEntry(new(at), id, flag ? TransferOutcome.Done : TransferOutcome.Failed) })
            {
                Assert.Equal(entry, RoundTrip(entry));
            }
        },
        iter: FuzzScale.Times(1_000));

    [Fact]
    public void Plans_and_completions_come_back_as_they_were_written()
    {
        var harness = new SchedulerHarness(new());
        harness.Admit(3, 4);
        var plan = harness.Plan();
        var result = SchedulerHarness.Execute(plan, new RequestId(0));

        var entries = RoundTrip(
        [
            new PlanEntry(plan.PlannedAt, PlanCodec.Encode(plan)),
            new CompleteEntry(harness.Tick(), plan.Step, result.Tokens),
        ]);

        Assert.Equal(PlanCodec.Encode(plan), Assert.IsType<PlanEntry>(entries[0]).Plan.ToArray());
        Assert.Equal(result.Tokens.AsEnumerable(), Assert.IsType<CompleteEntry>(entries[1]).Tokens);
    }

    [Fact]
    public void The_bytes_of_a_plan_are_the_documented_ones()
    {
        var plan = new StepPlan
        {
            Step = 3,
            PlannedAt = new(77),
            Slices =
            [
                new()
                {
                    Request = new(5),
                    Start = 2,
                    Tokens = [9, 8],
                    Blocks = [new(4), new(0)],
                    Samples = true,
                    Sampling = new() { Temperature = 0.1, TopK = 40, TopP = 0.95, Seed = ulong.MaxValue, LogProbabilityCount = 2 },
                },
            ],
            Preempted = [new(6)],
        };

        Assert.Equal(
            """{"step":3,"at":77,"slices":[{"request":5,"start":2,"samples":true,"sampling":{"temperature":0.1,"topK":40,"topP":0.95"""
            + ""","seed":18446744073709551615,"logProbabilities":2},"tokens":[9,8],"blocks":[4,0]}],"preempted":[6]}""",
            Encoding.UTF8.GetString(PlanCodec.Encode(plan)));
    }

    [Fact]
    public void Every_field_of_a_plan_changes_its_bytes()
    {
        var slice = new SequenceSlice { Request = new(1), Start = 0, Tokens = [1], Blocks = [new(0)], Samples = false, Sampling = new() };
        var plan = new StepPlan { Step = 0, PlannedAt = new(0), Slices = [slice] };
        var order = new TransferOrder { Ticket = 1, Direction = TransferDirection.Out, Lane = TransferLane.Urgent, Runs = [new(1, 2, 3)] };
        StepPlan[] variants =
        [
            plan,
            plan with { Step = 1 },
            plan with { PlannedAt = new(1) },
            plan with { Preempted = [new(1)] },
            plan with { Transfers = [order] },
            plan with { Transfers = [order with { Ticket = 2 }] },
            plan with { Transfers = [order with { Direction = TransferDirection.In }] },
            plan with { Transfers = [order with { Lane = TransferLane.Bulk }] },
            plan with { Transfers = [order with { Request = new(1) }] },
            plan with { Transfers = [order with { Runs = [new(1, 2, 4)] }] },
            plan with { Transfers = [order with { After = [7] }] },
            plan with { CancelledTransfers = [1] },
            plan with { Slices = [] },
            plan with { Slices = [slice with { Request = new(2) }] },
            plan with { Slices = [slice with { Start = 1 }] },
            plan with { Slices = [slice with { Tokens = [2] }] },
            plan with { Slices = [slice with { Blocks = [new(1)] }] },
            plan with { Slices = [slice with { Samples = true }] },
            plan with { Slices = [slice with { HiddenStates = HiddenStateUse.Last }] },
            plan with { Slices = [slice with { HiddenStates = HiddenStateUse.All }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { Temperature = 2 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { TopK = 2 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { TopP = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { MinP = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { TypicalP = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { RepetitionPenalty = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { PresencePenalty = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { FrequencyPenalty = 0.5 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { LogitBias = [new(1, 0.5)] } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { LogitBias = [new(2, 0.5)] } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { Seed = 2 } }] },
            plan with { Slices = [slice with { Sampling = slice.Sampling with { LogProbabilityCount = 0 } }] },
        ];

        Assert.Equal(variants.Length, variants.Select(variant => Convert.ToHexString(PlanCodec.Encode(variant))).Distinct().Count());
        Assert.Equal(6, typeof(StepPlan).GetProperties().Count(property => property.CanWrite));
        Assert.Equal(9, typeof(SequenceSlice).GetProperties().Length); // History and Constraint are left out on purpose.
        Assert.Equal(11, typeof(SamplingParameters).GetProperties().Count(property => property.CanWrite));
    }

    private static JournalEntry RoundTrip(JournalEntry entry) => Assert.Single(RoundTrip([entry]));

    private static List<JournalEntry> RoundTrip(IEnumerable<JournalEntry> entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new JournalWriter(stream, Header))
        {
            foreach (var entry in entries)
            {
                writer.Write(entry);
            }
        }

        stream.Position = 0;
        var reader = new JournalReader(stream);
        Assert.Equal(Header.Options.Policy, reader.Header.Options.Policy);
        var back = new List<JournalEntry>();
        while (reader.Read() is { } entry)
        {
            back.Add(entry);
        }

        return back;
    }
}
