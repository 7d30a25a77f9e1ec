using System.Text;
using Rubato.Core;
using Rubato.Torch.Data;

namespace Rubato.Torch.Tests.Data;

public sealed class ValidationTextTests
{
    [Fact]
    public void Every_token_of_the_whole_rows_is_predicted_once_whatever_the_batch()
    {
        using var model = Small.Model();
        var text = Small.Packed(2);
        var one = new ValidationText(text, Small.Tokenizer, 8, 1);
        var three = new ValidationText(text, Small.Tokenizer, 8, 3);
        var (a, b) = (one.Measure(model), three.Measure(model, maximumRows: 3 * (one.RowCount / 3)));
        Assert.Equal((text.Tokens.Length - 1) / 8 * 8, a.Tokens);
        var covered = text.Tokens.AsSpan(1, (int)a.Tokens);
        Assert.Equal(Encoding.UTF8.GetByteCount(Small.Tokenizer.Decode(covered)), a.Bytes);
        Assert.Equal(a.Loss, b.Loss, one.RowCount % 3 == 0 ? 1e-4 : 0.2);
        Assert.InRange(a.Loss, 5, 6.5);
    }

    [Fact]
    public void Text_shorter_than_a_row_is_refused()
    {
        var error = Assert.Throws<InvalidOptionException>(() => new ValidationText(Small.Packed(1), Small.Tokenizer, 5000, 1));
        Assert.Contains("--sequence", error.Message, StringComparison.Ordinal);
    }
}
