using CsCheck;
using Rubato.Core;
using Rubato.Hosting.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class SwapTierOptionsTests
{
    [Theory]
    [InlineData("none", SwapTierKind.None, 0, null)]
    [InlineData("ram:1GiB", SwapTierKind.Ram, 1L << 30, null)]
    [InlineData("ram:1GB", SwapTierKind.Ram, 1_000_000_000, null)]
    [InlineData("file:/var/tmp/swap:512MiB", SwapTierKind.File, 512L << 20, "/var/tmp/swap")]
    [InlineData("file:C:\\swap\\kv.bin:4GiB", SwapTierKind.File, 4L << 30, "C:\\swap\\kv.bin")]
    [InlineData("file:a:b:c:4096", SwapTierKind.File, 4096, "a:b:c")]
    public void Parse_EachForm_IsRead(string text, SwapTierKind kind, long bytes, string? path)
    {
        var tier = SwapTierOptions.Parse(text);
        Assert.Equal(new(kind, bytes, path), tier);
        Assert.Equal(tier, SwapTierOptions.Parse(tier.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ram")]
    [InlineData("ram:")]
    [InlineData("ram:-1GiB")]
    [InlineData("ram:0")]
    [InlineData("ram:x:1GiB")]
    [InlineData("file:1GiB")]
    [InlineData("file::1GiB")]
    [InlineData("file:/tmp/x")]
    [InlineData("file:/tmp/x:")]
    [InlineData("file:/tmp/x:many")]
    [InlineData("file:/tmp/\0x:1GiB")]
    [InlineData("disk:/tmp:1GiB")]
    [InlineData("None")]
    [InlineData(":1GiB")]
    public void Parse_AnythingElse_IsOneClearLine(string text)
    {
        var error = Assert.Throws<InvalidOptionException>(() => SwapTierOptions.Parse(text));
        Assert.StartsWith("--swap: '", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Parse_AnyText_IsATierOrAnOptionError() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "file:" + text), Gen.String.Select(text => "ram:" + text)).Sample(text =>
        {
            try
            {
                Assert.NotNull(SwapTierOptions.Parse(text));
            }
            catch (InvalidOptionException error)
            {
                Assert.StartsWith("--swap: ", error.Message, StringComparison.Ordinal);
            }
        }, iter: FuzzScale.Times(500));
}
