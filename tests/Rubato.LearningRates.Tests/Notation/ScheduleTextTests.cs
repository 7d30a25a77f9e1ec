using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;
using Rubato.LearningRates.Tests.Schedules;

namespace Rubato.LearningRates.Tests.Notation;

public sealed class ScheduleTextTests
{
    [Fact]
    public void Text_and_json_bring_back_an_equal_schedule() =>
        AnySchedule.Any.Sample(schedule =>
        {
            var text = ScheduleText.Format(schedule);
            Assert.Equal(schedule, ScheduleText.Parse(text));
            Assert.Equal(text, ScheduleText.Format(ScheduleText.Parse(text)));
            Assert.Equal(schedule, ScheduleJson.Parse(ScheduleJson.Format(schedule)));
        });

    [Theory]
    [InlineData("rex", "rex")]
    [InlineData("rex | warmup(3%)", "rex | warmup(3%)")]
    [InlineData("rex(beta=0.9)", "rex(beta=0.9)")]
    [InlineData("constant", "constant")]
    [InlineData(" none ", "constant")]
    [InlineData(" rex |warmup( 0.05 )", "rex | warmup(5%)")]
    [InlineData("rex(0.75)", "rex(beta=0.75)")]
    [InlineData("rex-community", "rex(beta=0.9)")]
    [InlineData("rex | sample( 33-66 )", "rex | sample(33-66)")]
    [InlineData("rex | sample(10%)", "rex | sample(10%)")]
    [InlineData("uba(phi=0.7,phase=endpoint)", "uba(phi=0.7, phase=endpoint)")]
    [InlineData("uba(3.7)", "uba(phi=3.7)")]
    [InlineData("linear(index=one)", "linear(index=one)")]
    [InlineData("linear | sample(50-75) | floor(1%) | warmup(5%, linear) | budget(10 epochs)", "linear | warmup(5%) | floor(1%) | sample(50-75) | budget(10epochs)")]
    [InlineData("cosine | warp(0.5)", "warp(a=0.5, cosine)")]
    [InlineData("step", "step(50-75)")]
    [InlineData("step([0.33333333, 0.6])", "step([0.33333333, 0.6])")]
    [InlineData("rex | warmup(100)", "rex | warmup(100 steps)")]
    [InlineData("linear | momentum(cosine)", "linear | momentum(cosine, max=0.95, min=0.85)")]
    [InlineData("table([1, 0.5, 1e-3], interpolation=hold)", "table([1, 0.5, 0.001], interpolation=hold)")]
    [InlineData("rex | budget(10min) | rebudget(40:60)", "rex | budget(10min) | rebudget(40:60)")]
    public void Reads_the_documented_forms(string text, string canonical) => Assert.Equal(canonical, Schedule.Parse(text).ToString());

    [Theory]
    [InlineData("", "position 1: expected a profile", "found the end")]
    [InlineData("rexx", "position 1: 'rexx' is no profile", "Did you mean 'rex'?")]
    [InlineData("cosin", "position 1", "Did you mean 'cosine'?")]
    [InlineData("rex | warmpu(5%)", "position 7: 'warmpu' is no stage", "Did you mean 'warmup'?")]
    [InlineData("rex(bet=0.9)", "position 9", "Did you mean 'beta'?")]
    [InlineData("rex(beta=x)", "position 10", "beta is 'x', expected a number")]
    [InlineData("rex(beta=nan)", "position 10", "expected a number")]
    [InlineData("rex(beta=0.5", "position 13", "expected ',' or ')', found the end")]
    [InlineData("rex(beta=2)", "position 1", "must be a number of at most 1")]
    [InlineData("uba(phi=0)", "position 1", "phi is 0 but must be a number above 0")]
    [InlineData("rex |", "position 6", "expected a stage")]
    [InlineData("rex rex", "position 5", "expected '|' or the end")]
    [InlineData("rex | warmup(5%) | warmup(3%)", "position 20", "twice")]
    [InlineData("rex | warmup", "position 7", "needs length")]
    [InlineData("rex | warmup(1.5)", "position 14", "a share (5% or 0.05) or whole steps")]
    [InlineData("rex | warmup(5%, liner)", "position 18", "Did you mean 'linear'?")]
    [InlineData("rex | warmup(150%)", "position 14", "0 … 1")]
    [InlineData("rex | sample(75-50)", "position 7", "milestone 50%")]
    [InlineData("rex | sample(epoch)", "position 7", "epochs")]
    [InlineData("rex(index=two)", "position 11", "expected zero, one, interior, mid, closed")]
    [InlineData("linear(0.5)", "position 8", "has no use for 0.5")]
    [InlineData("rex(1e999)", "position 5", "finite number")]
    [InlineData("refined(norms.csv)", "position 1", "not possible here")]
    [InlineData("plateau", "position 1", "PlateauController")]
    [InlineData("product(linear)", "position 1", "the second factor")]
    [InlineData("warp(0.5, cosine(index=mid))", "position 1", "index belongs to warp")]
    [InlineData("table([])", "position 1", "at least one value")]
    [InlineData("rex | budget(10)", "position 7", "unit")]
    [InlineData("rex | rebudget(40)", "position 16", "list of numbers")]
    public void Says_where_what_was_expected_and_the_nearest_name(string text, string where, string what)
    {
        var message = Assert.Throws<InvalidOptionException>(() => ScheduleText.Parse(text)).Message;
        Assert.Contains(where, message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Every_profile_of_the_catalogue_can_be_written() =>
        Assert.All(ProfileCatalog.All, profile => Assert.NotEmpty(profile.Formula));

    [Fact]
    public void Broken_text_is_refused_in_one_line() =>
        Gen.Select(AnySchedule.Any, Gen.Int[0, 1000], Junk.OneOf("(", ")", "|", "=", ",", "nan", "-", "9", "\n", "\"", "[", "é", "")).Sample((schedule, at, junk) =>
        {
            var text = schedule.ToString();
            var cut = at % text.Length;
            ReadsOrRefuses(Schedule.Parse, text[..cut] + junk + text[Math.Min(text.Length, cut + 1)..]);
            ReadsOrRefuses(Schedule.Parse, text[..cut] + junk);
        }, iter: FuzzScale.Times(3000));

    [Fact]
    public void Broken_json_is_refused_in_one_line() =>
        Gen.Select(AnySchedule.Any, Gen.Int[0, 1000], Junk.OneOf("{", "}", "[", "]", ":", ",", "null", "\"", "1e999", "\n", "\\ud800", "")).Sample((schedule, at, junk) =>
        {
            var text = ScheduleJson.Format(schedule);
            var cut = at % text.Length;
            ReadsOrRefuses(ScheduleJson.Parse, text[..cut] + junk + text[Math.Min(text.Length, cut + 1)..]);
            ReadsOrRefuses(ScheduleJson.Parse, text[..cut] + junk);
        }, iter: FuzzScale.Times(3000));

    [Fact]
    public void Calls_nested_without_end_are_refused() =>
        Assert.Contains("inside each other", Assert.Throws<InvalidOptionException>(
            () => ScheduleText.Parse(string.Concat(Enumerable.Repeat("warp(0.5,", 100_000)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_spells_everything_out_and_names_the_place_of_an_error()
    {
        Assert.Equal(
            """{"version":1,"stages":[{"name":"rex","beta":0.5,"index":"zero"},{"name":"warmup","length":"5%","shape":"linear","mode":"prefix"}]}""",
            ScheduleJson.Format(Schedule.Parse("rex | warmup(5%)")));
        var message = Assert.Throws<InvalidOptionException>(
            () => ScheduleJson.Parse("""{"version":1,"stages":[{"name":"rex"},{"name":"warmup","length":"5 parsecs"}]}""")).Message;
        Assert.Contains("$.stages[1].length", message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => ScheduleJson.Parse("""{"version":2,"stages":[{"name":"rex"}]}"""));
    }

    [Fact]
    public void A_profile_of_ones_own_works_but_has_no_text()
    {
        var schedule = new Schedule(new Halved());
        Assert.Equal(0.25, schedule.Bind(100).At(50));
        Assert.Contains("no text", Assert.Throws<InvalidOptionException>(() => schedule.ToString()).Message, StringComparison.Ordinal);
    }

    private static void ReadsOrRefuses(Func<string, Schedule> parse, string text)
    {
        try
        {
            Assert.NotNull(parse(text).Profile);
        }
        catch (InvalidOptionException refused)
        {
            Assert.NotEmpty(refused.Message);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    private sealed record Halved : IProfile
    {
        public double At(double progress) => (1 - progress) / 2;
    }
}
