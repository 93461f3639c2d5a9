using System.Globalization;
using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What the policy looks at in one call. Built once per ask; everything but the action may be absent.</summary>
public readonly struct PolicyCall
{
    private readonly string _action;

    /// <summary>Kept in lower case (invariant), so that actions compare without case.</summary>
    public required string Action { get => _action; init => _action = value.ToLowerInvariant(); }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    /// <summary>An object, or undefined when absent.</summary>
    public JsonElement ResourceAttributes { get; init; }
    /// <summary>An object, or undefined when absent.</summary>
    public JsonElement Arguments { get; init; }
    /// <summary>0 to 1.</summary>
    public double? Confidence { get; init; }
    public double? CostUsd { get; init; }
    public long? CostTokens { get; init; }
    public string? OnBehalfOf { get; init; }
    /// <summary>How long patterns may look at this call; null: each match is limited on its own.</summary>
    public PatternBudget? Patterns { get; init; }

    /// <summary>Reads an example of the analyser, which has the shape of an ask. The caller's own body is checked elsewhere; this trusts its input.</summary>
    public static PolicyCall FromExample(JsonElement example, PatternBudget? patterns = null)
    {
        var resource = Member(example, "resource");
        var cost = Member(example, "expected_cost");
        return new PolicyCall
        {
            Action = Text(example, "action") ?? "",
            ResourceType = Text(resource, "type"),
            ResourceId = Text(resource, "id"),
            ResourceAttributes = Member(resource, "attributes"),
            Arguments = Member(example, "arguments"),
            Confidence = Member(example, "confidence") is { ValueKind: JsonValueKind.Number } confidence ? confidence.GetDouble() : null,
            CostUsd = Text(cost, "usd") is { } usd ? double.Parse(usd, CultureInfo.InvariantCulture) : null,
            CostTokens = Member(cost, "tokens") is { ValueKind: JsonValueKind.Number } tokens && tokens.TryGetInt64(out var count) ? count : null,
            OnBehalfOf = Text(example, "on_behalf_of"),
            Patterns = patterns,
        };
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
