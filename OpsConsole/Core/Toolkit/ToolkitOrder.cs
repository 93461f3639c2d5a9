using System.Globalization;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Toolkit;

public enum Paper { A4, Letter }

/// <summary>Which incidents a log shows: reported from the first of these days to the last one, by the rollout's clocks, and of this severity; null: whichever.</summary>
public sealed record LogFilter(DateOnly? From = null, DateOnly? To = null, Severity? Severity = null)
{
    /// <summary>Nothing is left out.</summary>
    public static LogFilter All { get; } = new();

    public IQueryable<Incident> Of(IQueryable<Incident> incidents, TimeZoneInfo zone)
    {
        if (Begins(zone) is { } begins) incidents = incidents.Where(i => i.OpenedAt >= begins);
        if (Ends(zone) is { } ends) incidents = incidents.Where(i => i.OpenedAt < ends);
        return Severity is { } severity ? incidents.Where(i => i.Severity == severity) : incidents;
    }

    public bool Takes(Incident incident, TimeZoneInfo zone) => !(incident.OpenedAt < Begins(zone)) && !(incident.OpenedAt >= Ends(zone)) && (Severity is null || incident.Severity == Severity);

    private DateTimeOffset? Begins(TimeZoneInfo zone) => From is { } day ? Periods.DayStart(day, zone) : null;
    private DateTimeOffset? Ends(TimeZoneInfo zone) => To is { } day ? Periods.DayStart(day.AddDays(1), zone) : null;

    /// <summary>As addresses write it. Fault: <c>field.invalid</c>.</summary>
    /// <param name="from">As <c>2026-03-31</c>, as is <paramref name="to"/>; null or empty: without a limit.</param>
    /// <param name="severity"><c>sev1</c> to <c>sev4</c>; null or empty: all.</param>
    public static Result<LogFilter> Read(string? from, string? to, string? severity)
    {
        if (Day(from) is not { Ok: true, Value: var first }) return Fault.Invalid("field.invalid", "from must be a day such as 2026-03-31.", "from");
        if (Day(to) is not { Ok: true, Value: var last } || last < first) return Fault.Invalid("field.invalid", "to must be a day such as 2026-03-31, and not before from.", "to");
        if (!string.IsNullOrEmpty(severity) && SeveritySpec.Parse(severity) is null) return Fault.Invalid("field.invalid", $"severity must be one of: {string.Join(", ", SeveritySpec.All.Select(s => s.Wire))}.", "severity");
        return new LogFilter(first, last, SeveritySpec.Parse(severity)?.Severity);

        static (bool Ok, DateOnly? Value) Day(string? text) => string.IsNullOrEmpty(text) ? (true, null) : (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day), day);
    }
}

/// <summary>What somebody wants printed.</summary>
/// <param name="Documents">In the order of <see cref="ToolkitDocument.All"/>; never empty.</param>
/// <param name="Blank">As forms to fill in by hand; else with what the rollout has.</param>
/// <param name="Log">What the log of incidents shows; null: all of them.</param>
public sealed record ToolkitOrder(IReadOnlyList<ToolkitDocument> Documents, bool Blank, Paper Paper, LogFilter? Log = null)
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
            if (document.BlankOnly && !asBlank) return Fault.Refused("toolkit.blank_only", $"'{name}' is blank only. {document.Unfilled} Ask for it with blank=true.", "documents");
        }
        return new ToolkitOrder([.. ToolkitDocument.All.Where(d => named.Contains(d.Id))], asBlank, size.Value);
    }

    /// <param name="paper"><c>a4</c> or <c>letter</c>; null: a4. Fault: <c>field.invalid</c>.</param>
    public static Result<Paper> ReadPaper(string? paper)
        => paper?.ToLowerInvariant() switch { null or "" or "a4" => Paper.A4, "letter" => Paper.Letter, _ => Fault.Invalid("field.invalid", "paper must be a4 or letter.", "paper") };
}
