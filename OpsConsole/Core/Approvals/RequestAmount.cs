using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Approvals;

/// <summary>
/// The one number that a queue sorts a request by. Nobody says which currency it is in, or that it is one: it orders, and nothing is calculated with it.
/// </summary>
public static class RequestAmount
{
    private static readonly string[] Usual = ["amount", "total", "value", "usd"];

    /// <summary>
    /// The argument that the rule's first condition with a number looks at; where that is none, or not there, the first of the arguments
    /// <c>amount</c>, <c>total</c>, <c>value</c> and <c>usd</c> that is a number. Null: there is none.
    /// </summary>
    public static double? Of(MatrixRule? rule, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return null;
        if (rule?.When.FirstOrDefault(c => c.Each is null && c.Value is { ValueKind: JsonValueKind.Number } && c.Field.StartsWith("arguments.", StringComparison.Ordinal)) is { } condition
            && FieldPath.Parse(condition.Field) is { } path && At(arguments, path.Names) is { } named) return named;
        foreach (var name in Usual)
        {
            if (At(arguments, [name]) is { } usual) return usual;
        }
        return null;
    }

    private static double? At(JsonElement value, string[] names)
    {
        foreach (var name in names)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
    }
}
