using System.Globalization;
using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What one row said about a call. Exactly one of <paramref name="Rule"/> and <paramref name="Boundary"/> is set.</summary>
/// <param name="Index">The row's place among the rules or the boundaries.</param>
/// <param name="Decides">Whether this row ended the search.</param>
public sealed record RuleTrace(MatrixRule? Rule, Boundary? Boundary, int Index, Truth Truth, bool Decides, IReadOnlyList<ConditionTrace> Conditions);

/// <summary>What one condition said, and why, in words.</summary>
/// <param name="Text">The condition as people read it: <c>arguments.amount &gt; 200</c>.</param>
/// <param name="Why">What stood in the call.</param>
public sealed record ConditionTrace(string Field, string Text, Truth Truth, string Why);

/// <summary>Puts conditions and values into words, for decision stories and findings.</summary>
internal static class ConditionStory
{
    private const int MaxShown = 80;

    public static RuleTrace Tell(CompiledRow row, in PolicyCall call)
    {
        var traces = new List<ConditionTrace>();
        if (row.Resource is { } resource)
        {
            traces.Add(new("resource", $"resource is {resource.Type ?? "any type"} {resource.Id}".TrimEnd(), row.TestResource(call),
                call is { ResourceType: null, ResourceId: null } ? "the call names no resource" : $"the call is about {call.ResourceType ?? "no type"} {call.ResourceId}".TrimEnd()));
        }
        foreach (var condition in row.Conditions)
        {
            traces.Add(new(condition.Source.Field, Describe(condition.Source), condition.Test(call), SafeWhy(condition, call)));
        }
        var truth = row.Test(call);
        return new(row.Rule, row.Boundary, row.Index, truth, row.Matches(truth), traces);
    }

    public static string Describe(Condition condition)
    {
        var each = condition.Each is { } quantifier ? $"{MatrixWords.Eaches[quantifier]} of " : "";
        var value = condition.Value is { } v ? " " + Show(v) : "";
        return $"{each}{condition.Field} {MatrixWords.Of(condition.Op)}{value}";
    }

    public static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= MaxShown ? text : text[..MaxShown] + "…";
    }

    private static string SafeWhy(CompiledCondition condition, in PolicyCall call)
    {
        try
        {
            return Why(condition, call);
        }
        catch (InvalidOperationException)   // names in the call that are no Unicode
        {
            return "it cannot be read";
        }
    }

    private static string Why(CompiledCondition condition, in PolicyCall call)
    {
        if (condition.Problem is { } problem) return $"the condition cannot be evaluated: {problem}";
        return condition.Path!.Root switch
        {
            FieldPath.Source.Arguments => Found(call.Arguments, condition),
            FieldPath.Source.ResourceAttributes => Found(call.ResourceAttributes, condition),
            FieldPath.Source.ResourceType => Is(call.ResourceType),
            FieldPath.Source.ResourceId => Is(call.ResourceId),
            FieldPath.Source.OnBehalfOf => Is(call.OnBehalfOf),
            FieldPath.Source.Confidence => Is(call.Confidence),
            FieldPath.Source.CostUsd => Is(call.CostUsd),
            _ => Is(call.CostTokens),
        };
    }

    private static string Is(IFormattable? number) => number is null ? "it is missing" : "it is " + number.ToString(null, CultureInfo.InvariantCulture);

    private static string Is(string? text) => text is null ? "it is missing" : $"it is '{(text.Length <= MaxShown ? text : text[..MaxShown] + "…")}'";

    private static string Found(JsonElement value, CompiledCondition condition)
    {
        foreach (var name in condition.Path!.Names)
        {
            if (value.ValueKind == JsonValueKind.Array) break;
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return "it is missing";
        }
        var quantified = condition.Source.Each is not null;
        return value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => "it is missing",
            JsonValueKind.Array when quantified && value.GetArrayLength() == 0 => "it is an empty list",
            JsonValueKind.Array when !quantified => $"it is a list, and the condition does not say any or all: {Show(value)}",
            JsonValueKind.Object => "it is an object, not a single value",
            JsonValueKind.Array => $"it is {Show(value)}",
            _ when quantified => $"it is {Show(value)}, not a list",
            JsonValueKind.String when condition.Source.Value is { ValueKind: JsonValueKind.Number } => $"it is the text {Show(value)}, not a number",
            _ => $"it is {Show(value)}",
        };
    }
}
