using Rubato.Models.Corpora;

namespace Rubato.Models.Tests.Corpora;

public sealed class MemberNameTests
{
    [Theory]
    [InlineData("T:System.String", "System.String", "String")]
    [InlineData("M:System.String.Join(System.String,System.String[])", "System.String.Join", "String.Join")]
    [InlineData("M:System.ArithmeticException.#ctor", "System.ArithmeticException constructor", "ArithmeticException constructor")]
    [InlineData("T:System.Collections.Generic.List`1", "System.Collections.Generic.List", "List")]
    [InlineData("M:System.Linq.Enumerable.Zip``2(System.Int32)", "System.Linq.Enumerable.Zip", "Enumerable.Zip")]
    [InlineData("T:System.Func{System.Int32,System.String}", "System.Func", "Func")]
    [InlineData("M:System.Array.System#Collections#IList#Add(System.Object)", "System.Array.Add", "Array.Add")]
    [InlineData("M:System.Decimal.op_Addition(System.Decimal)~System.Decimal", "System.Decimal.Addition", "Decimal.Addition")]
    [InlineData("N:System.Text", "System.Text", "System.Text")]
    [InlineData("Overload:System.String.Join", "System.String.Join", "String.Join")]
    [InlineData("", "", "")]
    public void Ids_become_names(string id, string full, string brief)
    {
        Assert.Equal(full, MemberName.Full(id));
        Assert.Equal(brief, MemberName.Short(id));
    }
}
