using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The catalogue against the matrix: actions down, what can become of them across; a cell opens the rows that bring it about, each with a call that shows it.</summary>
public sealed partial class CoverageMapView
{
    private const int Most = 200;
    private static readonly CallFate[] Fates = Enum.GetValues<CallFate>();

    private bool _unsaid;
    private (string Action, CallFate Fate)? _open;

    [Parameter, EditorRequired] public CoverageMap Map { get; set; } = new(DefaultOutcome.Deny, []);
    /// <summary>Takes an example call, in the shape of an ask, to where it can be tried.</summary>
    [Parameter] public EventCallback<JsonElement> OnTry { get; set; }
    /// <summary>Goes to a row: the id of a rule, or <c>boundaries[1]</c>.</summary>
    [Parameter] public EventCallback<string> OnRow { get; set; }
    /// <summary>The page where actions are listed, for the empty map.</summary>
    [Parameter] public string? ActionsHref { get; set; }

    private List<CoverageLine> Shown => [.. Map.Lines.Where(l => !_unsaid || l.Coverage != Coverage.Whole)];

    private bool IsOpen(CoverageLine line, CallFate fate) => _open is { } open && open.Action == line.Action.Action && open.Fate == fate;

    private void Toggle(CoverageLine line, CallFate fate) => _open = IsOpen(line, fate) ? null : (line.Action.Action, fate);

    private static string AddressOf(CoverageRow row) => row.Rule ?? $"boundaries[{row.Index}]";

    private static string NameOf(CoverageRow row) => row.Rule is { } rule ? VisibleText.Flatten(rule) : $"boundary {row.Index + 1}";

    private static string TitleOf(CallFate fate) => fate switch { CallFate.Alone => "Alone", CallFate.Approved => "Approved", CallFate.Denied => "Denied", _ => "Nobody said" };

    private static string SignOf(CallFate fate) => fate switch { CallFate.Alone => "✓", CallFate.Approved => "◔", CallFate.Denied => "✕", _ => "!" };

    private static string ToneOf(CallFate fate) => fate switch { CallFate.Alone => "allow", CallFate.Approved => "waits", CallFate.Denied => "denied", _ => "shadow" };

    private static string SignOf(CoverageCell cell) => cell.Possibility == Possibility.Yes ? SignOf(cell.Fate) : "?";

    private static string ToneOf(CoverageCell cell) => cell.Possibility == Possibility.Yes ? ToneOf(cell.Fate) : "unknown";

    private string LegendOf(CallFate fate) => fate switch
    {
        CallFate.Alone => "a rule lets it run",
        CallFate.Approved => "a person approves",
        CallFate.Denied => "a rule or boundary denies",
        _ => $"no row: {Fallback}",
    };

    private string Fallback => Map.Default == DefaultOutcome.Deny ? "denied by default" : "a person, by default";

    private static string? WordOf(Coverage coverage) => coverage switch { Coverage.None => "nobody said anything", Coverage.Part => "partly", Coverage.CannotTell => "cannot tell", _ => null };

    private static string WordsOf(CoverageLine line, CoverageCell cell)
    {
        if (cell.Possibility == Possibility.CannotTell) return "cannot tell";
        if (cell.Fate == CallFate.Nobody) return line.Coverage == Coverage.None ? "every call" : "some calls";
        return cell.Rows.Count == 1 ? "1 row" : $"{cell.Rows.Count} rows";
    }

    private string SentenceOf(CoverageCell cell) => (cell.Fate, cell.Possibility) switch
    {
        (CallFate.Nobody, Possibility.Yes) => $"This call matches no row: {Fallback}.",
        (CallFate.Nobody, _) => $"Whether a call is left that no row matches cannot be told from the conditions. It would be {(Map.Default == DefaultOutcome.Deny ? "denied" : "sent to a person")}.",
        (_, Possibility.CannotTell) => "Whether a call gets this far cannot be told from the conditions of the rows before.",
        (CallFate.Alone, _) => "These rows let calls run, as far as tier and gate allow:",
        (CallFate.Approved, _) => "These rows ask a person:",
        _ => "These rows deny calls:",
    };
}
