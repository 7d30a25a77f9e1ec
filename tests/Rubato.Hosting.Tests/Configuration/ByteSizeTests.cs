using CsCheck;
using Rubato.Core;
using Rubato.Hosting.Configuration;

namespace Rubato.Hosting.Tests.Configuration;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1.5 kib", 1536)]
    [InlineData("4096", 4096)]
    [InlineData("7b", 7)]
    [InlineData("0.5TiB", 1L << 39)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Parse_Amounts_AreBytes(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text, "--x"));

    [Theory]
    [InlineData("")]
    [InlineData("GiB")]
    [InlineData("0MiB")]
    [InlineData("-1GiB")]
    [InlineData("1e3")]
    [InlineData("1,5GiB")]
    [InlineData("0x10")]
    [InlineData("1GiBs")]
    [InlineData("1 G iB")]
    [InlineData("0.1B")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999TiB")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("NaN")]
    [InlineData("1\n")]
    public void Parse_AnythingElse_IsOneClearLine(string text)
    {
        var error = Assert.Throws<InvalidOptionException>(() => ByteSize.Parse(text, "--x"));
        Assert.StartsWith("--x: '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_AnyAmount_IsReadBackWithinItsDecimal() =>
        Gen.Long[1, long.MaxValue >> 1].Sample(bytes => Assert.Equal(1, ByteSize.Parse(ByteSize.Format(bytes), "--x") / (double)bytes, 0.051), iter: 200);
}
