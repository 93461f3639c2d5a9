using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Toolkit;

public enum Paper { A4, Letter }

/// <summary>What somebody wants printed.</summary>
/// <param name="Documents">In the order of <see cref="ToolkitDocument.All"/>; never empty.</param>
/// <param name="Blank">As forms to fill in by hand; else with what the rollout has.</param>
public sealed record ToolkitOrder(IReadOnlyList<ToolkitDocument> Documents, bool Blank, Paper Paper)
{
    /// <summary>A cover and contents stand before several documents.</summary>
    public bool Bundle => Documents.Count > 1;

    /// <summary>The documents as the API names them, with commas between.</summary>
    public string Names => string.Join(',', Documents.Select(d => d.Id));

    /// <summary>Reads an order as addresses and command lines write it. Faults: <c>field.invalid</c>, <c>toolkit.blank_only</c>.</summary>
    /// <param name="documents">Ids with commas between; null or empty: all that there are in this form.</param>
    /// <param name="blank"><c>true</c> or <c>false</c>; null: false.</param>
    /// <param name="paper"><c>a4</c> or <c>letter</c>; null: a4.</param>
    public static Result<ToolkitOrder> Read(string? documents, string? blank, string? paper)
    {
        if (blank is not (null or "" or "true" or "false")) return Fault.Invalid("field.invalid", "blank must be true or false.", "blank");
        var size = ReadPaper(paper);
        if (size.Fault is { } wrong) return wrong;
        var asBlank = blank == "true";
        string[] named = (documents ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (named.Length == 0) return new ToolkitOrder([.. ToolkitDocument.All.Where(d => asBlank || !d.BlankOnly)], asBlank, size.Value);
        foreach (var name in named)
        {
            if (ToolkitDocument.Find(name) is not { } document) return Fault.Invalid("field.invalid", $"There is no document '{name}'. There are: {string.Join(", ", ToolkitDocument.All.Select(d => d.Id))}.", "documents");
            if (document.BlankOnly && !asBlank) return Fault.Refused("toolkit.blank_only", $"The console has nothing to fill '{name}' in with yet. Ask for it with blank=true.", "documents");
        }
        return new ToolkitOrder([.. ToolkitDocument.All.Where(d => named.Contains(d.Id))], asBlank, size.Value);
    }

    /// <param name="paper"><c>a4</c> or <c>letter</c>; null: a4. Fault: <c>field.invalid</c>.</param>
    public static Result<Paper> ReadPaper(string? paper)
        => paper?.ToLowerInvariant() switch { null or "" or "a4" => Paper.A4, "letter" => Paper.Letter, _ => Fault.Invalid("field.invalid", "paper must be a4 or letter.", "paper") };
}
