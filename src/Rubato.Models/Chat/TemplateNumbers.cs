namespace Rubato.Models.Chat;

/// <summary>The filters that calculate.</summary>
internal static class TemplateNumbers
{
    public static object? Sum(List<object?> items, TemplateCall call)
    {
        var sum = call.Get(1, "start", 0L);
        foreach (var item in items)
        {
            sum = TemplateOperators.Binary("+", sum, item, call.Run);
        }

        return sum;
    }

    /// <summary>Rounds to a number of decimal places: to the nearest (halves to even, as Python), up or down.</summary>
    public static object Round(object? value, TemplateCall call)
    {
        var places = (int)Math.Clamp(call.Integer(0, "precision", 0), -300, 300);
        var number = TemplateValues.Number(value) switch
        {
            long whole => whole,
            double real => real,
            _ => throw call.Run.Error($"{TemplateValues.TypeName(value)} is not a number."),
        };
        var method = call.OptionalText(1, "method") ?? "common";
        var unit = Math.Pow(10, places);
        return method switch
        {
            "common" => places is >= 0 and <= 15 ? Math.Round(number, places, MidpointRounding.ToEven) : Math.Round(number * unit) / unit,
            "ceil" => Math.Ceiling(number * unit) / unit,
            "floor" => Math.Floor(number * unit) / unit,
            _ => throw call.Run.Error("round knows the methods common, ceil and floor."),
        };
    }
}
