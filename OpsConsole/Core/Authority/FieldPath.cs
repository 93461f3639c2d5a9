using System.Text;

namespace OpsConsole.Core.Authority;

/// <summary>Where in a call a condition looks, parsed once.</summary>
internal sealed class FieldPath
{
    internal enum Source { Arguments, ResourceAttributes, ResourceType, ResourceId, Confidence, CostUsd, CostTokens, OnBehalfOf }

    private const int MaxDepth = 32;
    private const string ArgumentsPrefix = "arguments.", AttributesPrefix = "resource.attributes.";

    private FieldPath(string text, Source root, string[] names)
    {
        (Text, Root, Names) = (text, root, names);
        Utf8Names = [.. names.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>As written in the condition.</summary>
    public string Text { get; }
    public Source Root { get; }
    /// <summary>The property names below <see cref="Root"/>; empty for roots that are one value.</summary>
    public string[] Names { get; }
    public byte[][] Utf8Names { get; }
    public bool IsJson => Root is Source.Arguments or Source.ResourceAttributes;
    public bool IsNumber => Root is Source.Confidence or Source.CostUsd or Source.CostTokens;

    /// <summary>The path, or null when the text names nothing a call has.</summary>
    public static FieldPath? Parse(string text) => text switch
    {
        "resource.type" => new(text, Source.ResourceType, []),
        "resource.id" => new(text, Source.ResourceId, []),
        "confidence" => new(text, Source.Confidence, []),
        "expected_cost.usd" => new(text, Source.CostUsd, []),
        "expected_cost.tokens" => new(text, Source.CostTokens, []),
        "on_behalf_of" => new(text, Source.OnBehalfOf, []),
        _ when text.StartsWith(ArgumentsPrefix, StringComparison.Ordinal) => Below(text, Source.Arguments, ArgumentsPrefix.Length),
        _ when text.StartsWith(AttributesPrefix, StringComparison.Ordinal) => Below(text, Source.ResourceAttributes, AttributesPrefix.Length),
        _ => null,
    };

    private static FieldPath? Below(string text, Source root, int start)
    {
        var names = text[start..].Split('.');
        return names.Length <= MaxDepth && names.All(n => n.Length > 0) ? new(text, root, names) : null;
    }
}
