using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.LoadGeneration;

namespace Rubato.Hosting.Tests.Configuration;

public sealed class OptionsTests
{
    public static TheoryData<Type> OptionTypes { get; } =
        [typeof(ServingLimits), typeof(EngineOptions), typeof(ServingOptions), typeof(ServerOptions), typeof(LoadOptions)];

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Defaults_AreValid_AndBothSidesOfEachBoundAreJudged(Type type)
    {
        Assert.Empty(OptionRanges.FindErrors(Activator.CreateInstance(type)!));
        foreach (var property in type.GetProperties().Where(property => property.GetCustomAttribute<RangeAttribute>() is not null))
        {
            var range = property.GetCustomAttribute<RangeAttribute>()!;
            var isDouble = (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(double);
            foreach (var (bound, direction) in new[] { (range.Minimum, -1), (range.Maximum, 1) })
            {
                var options = Activator.CreateInstance(type)!;
                property.SetValue(options, bound);
                Assert.Empty(OptionRanges.FindErrors(options));
                property.SetValue(options, isDouble ? (double)bound + direction : (object)((int)bound + direction));
                Assert.Contains(property.Name, Assert.Single(OptionRanges.FindErrors(options)), StringComparison.Ordinal);
            }

            if (isDouble)
            {
                var options = Activator.CreateInstance(type)!;
                property.SetValue(options, double.NaN);
                Assert.Single(OptionRanges.FindErrors(options));
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1", false, false, true)]
    [InlineData("[::1]", false, false, true)]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("0.0.0.0", true, false, true)]
    [InlineData("0.0.0.0", false, true, true)]
    [InlineData("[::]", false, false, false)]
    [InlineData("192.168.1.5", false, false, false)]
    [InlineData("example.org", true, true, false)]
    public void BeyondLoopback_AKeyIsNeeded_UnlessSaidOtherwise(string address, bool key, bool unauthenticated, bool valid)
    {
        var options = new ServerOptions { Address = address, AllowUnauthenticated = unauthenticated };
        if (key)
        {
            options.Serving.Http.ApiKeys.Add("long-enough-key");
        }

        if (valid)
        {
            ServerOptionsValidator.ValidateListening(options);
        }
        else
        {
            var error = Assert.Throws<InvalidOptionException>(() => ServerOptionsValidator.ValidateListening(options));
            Assert.Contains(address, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EveryBrokenRule_IsListed()
    {
        var options = new ServerOptions { Port = 70_000 };
        options.Serving.Http.ApiKeys.Add("s3cret");
        options.Serving.Http.AllowedOrigins.Add("https://example.org/path");
        options.Serving.Http.Limits.PingSeconds = 16;
        var error = Assert.Throws<InvalidOptionException>(() => ServerOptionsValidator.Validate(options));
        Assert.All(["Port", "API key", "AllowedOrigins", "PingSeconds", "ModelPath"], word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingModelFile_IsOneClearLine()
    {
        var options = new ServerOptions();
        options.Serving.ModelPath = "/no/such/model.gguf";
        var error = Assert.ThrowsAny<RubatoException>(() => RubatoServer.Build(options));
        Assert.Contains("/no/such/model.gguf", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
