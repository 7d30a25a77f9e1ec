using System.Text;
using Rubato.Core;
using Rubato.Serving.Journal;

namespace Rubato.Serving.Tests.Journal;

public sealed class JournalReaderTests
{
    private const string Header =
        """{"rubatoJournal":2,"blockTokens":16,"kvBlocks":64,"tokenBudgetPerStep":64,"runningMax":8,"waitingMax":8,"contextTokens":512"""
        + ""","prefixCaching":true,"policy":"fcfs","fairness":{},"switching":{}}""";

    private const string Request =
        """{"id":1,"client":"a","outputTokensMax":4,"sampling":{"temperature":0,"topK":0,"topP":1,"seed":0}"""
        + ""","stopTokens":[],"promptTokens":[1,2]}""";

    private const string Plan = """{"call":"plan","at":2,"plan":{"step":0}}""";

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{}\n", "line 1: 'rubatoJournal' is missing")]
    [InlineData("[]\n", "line 1: it is not a JSON object")]
    [InlineData("{\"rubatoJournal\":1}\n", "line 1: the journal has version 1, this program reads version 2")]
    [InlineData("{\"rubatoJournal\":1", "line 1: it is cut off")]
    public void A_wrong_header_is_refused(string text, string expected) => AssertRefused(text, expected);

    [Theory]
    [InlineData("nonsense", "line 2: it is not valid JSON")]
    [InlineData("", "line 2: it is not valid JSON")]
    [InlineData("{}", "line 2: 'at' is missing")]
    [InlineData("""{"call":"jump","at":1}""", "line 2: 'call' must be one of admit, cancel, plan, complete, transferEnded, shutdown")]
    [InlineData("""{"call":"cancel","at":1,"at":2,"id":1,"wasAlive":true}""", "line 2: it is not valid JSON, nested deeper than 8, or ")]
    [InlineData("""{"call":"cancel","at":1,"id":1,"wasAlive":true,"extra":0}""", "line 2: 'extra' is not known here; allowed are call, ")]
    [InlineData("""{"call":"cancel","at":1,"id":1,"wasAlive":"yes"}""", "line 2: 'wasAlive' must be true or false")]
    [InlineData("""{"call":"cancel","at":1.5,"id":1,"wasAlive":true}""", "line 2: 'at' must be a whole number")]
    [InlineData("""{"call":"cancel","at":99999999999999999999,"id":1,"wasAlive":true}""", "line 2: 'at' must be a whole number")]
    [InlineData("""{"call":"shutdown","at":1,"mode":"now"}""", "line 2: 'mode' must be one of finishAdmitted, cancelAdmitted")]
    [InlineData("""{"call":"shutdown","at":1,"mode":"\ud800"}""", "line 2: a string is not valid Unicode")]
    [InlineData("""{"call":"plan","at":1,"plan":[[[[[[[[[[[[]]]]]]]]]]]]}""", "line 2: it is not valid JSON, nested deeper than 8")]
    [InlineData("""{"call":"complete","at":1,"step":0,"tokens":[]}""", "line 2: step 0 completes, outstanding is none")]
    [InlineData(Plan + "\n" + Plan, "line 3: a plan follows a plan that is not completed")]
    [InlineData(Plan + "\n" + """{"call":"complete","at":1,"step":0,"tokens":[]}""", "line 3: 'at' goes back from 2 to 1")]
    [InlineData(Plan + "\n" + """{"call":"complete","at":2,"step":5,"tokens":[]}""", "line 3: step 5 completes, outstanding is step 0")]
    [InlineData("""{"call":"admit","at":1,"outcome":"admitted","request":7}""", "line 2: 'request' must be an object")]
    [InlineData("""{"call":"admit","at":1,"outcome":"perhaps","request":""" + Request + "}", "line 2: 'outcome' must be one of admitted, ")]
    public void A_wrong_line_is_refused_with_its_number_and_the_rule(string lines, string expected) =>
        AssertRefused($"{Header}\n{lines}\n", expected);

    [Fact]
    public void Options_out_of_range_are_refused() =>
        AssertRefused(Header.Replace("\"kvBlocks\":64", "\"kvBlocks\":0", StringComparison.Ordinal) + "\n", "line 1: KvBlocks is 0, outsi");

    [Fact]
    public void A_recording_that_ends_in_the_middle_of_a_line_is_read_up_to_it()
    {
        foreach (var (end, cutShort) in new[] { ("", false), ("{", true), (Plan, true) })
        {
            var reader = new JournalReader(new MemoryStream(Encoding.UTF8.GetBytes($"{Header}\n{Plan}\n{end}")));
            Assert.IsType<PlanEntry>(reader.Read());
            Assert.False(reader.CutShort);
            Assert.Null(reader.Read());
            Assert.Equal(cutShort, reader.CutShort);
        }
    }

    [Fact]
    public void A_line_that_is_not_utf8_is_refused()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Header + "\n"), (byte)'"', 0xff, (byte)'"', (byte)'\n'];
        Assert.Contains("line 2: it is not valid UTF-8", Failure(bytes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_in_a_journal_never_change()
    {
        Assert.Equal(
            ["admitted", "queueFull", "emptyPrompt", "promptTooLong", "exceedsMemory", "invalidOutputLimit", "duplicateId", "shuttingDown"],
            EnumNames<AdmissionOutcome>.All);
        Assert.Equal(["finishAdmitted", "cancelAdmitted"], EnumNames<ShutdownMode>.All);
    }

    private static void AssertRefused(string text, string expected)
    {
        var message = Failure(Encoding.UTF8.GetBytes(text)).Message;
        Assert.StartsWith("run.jsonl", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static InvalidFormatException Failure(byte[] bytes) => Assert.Throws<InvalidFormatException>(() =>
    {
        var reader = new JournalReader(new MemoryStream(bytes), "run.jsonl");
        while (reader.Read() is not null)
        {
        }
    });
}
