using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>What there is to say about a draft on the screen: whether it is saved, what it is the same as, and why it cannot be published yet.</summary>
internal sealed record DraftStanding(MatrixPageView View, DraftSession Session, DraftAnalysis Analysis)
{
    private DraftEditor Editor => Session.Editor;

    /// <summary>The page was read since the last save: what it says is about this draft.</summary>
    public bool Current => View.Draft.Version == Session.Base.Version;
    /// <summary>The version in force that says the same as the draft.</summary>
    public int? Same => Current && !Session.Dirty ? View.InForce : null;
    private bool Settled => !Session.Dirty && Current;

    public string Found => $"{Counted.Of(Analysis.Says.Errors.Count, "error")}, {Counted.Of(Analysis.Says.Warnings.Count, "warning")}";

    /// <summary>With the cells that were not understood: the analysis can only look at what stood there before.</summary>
    public AnalysisView Findings => new([.. Editor.Lost.Select(c => new FindingView("cell.unread", $"{c.Row}, {c.Column}: “{c.Text}” was not understood, and the row still says what it said before. {c.Problem}", Editor.Rules.Any(r => r.Row.Id == c.Row) ? c.Row : null, null, null, null)), .. Analysis.Says.Errors], Analysis.Says.Warnings);

    public string Saved => Session.Fault is { } fault ? "Not saved: " + fault.Message
        : Session.Saving ? "Saving…" : Session.Dirty ? "Not saved yet"
        : Editor.Lost.Count > 0 ? $"Saved, but for {Counted.Of(Editor.Lost.Count, "cell")} that could not be read" : Editor.EmptyRows > 0 ? $"Saved, but for {Counted.Of(Editor.EmptyRows, "row")} without an action" : "Saved";

    /// <summary>Why the draft cannot be published now; null when it can.</summary>
    public string? WhyNot => View switch
    {
        { MayPublish: false } => "The rollout owner, the risk lead, their deputies or an admin publish.",
        _ when Session.Stale is not null => "Settle first what somebody else saved.",
        { Proposal.Mine: true } when Settled => "You proposed it; a second person puts it in force.",
        _ when Editor.Lost.Count > 0 => $"{Counted.Of(Editor.Lost.Count, "cell")} could not be read.",
        _ when Analysis.Problem is not null => "The draft could not be analysed.",
        _ when Analysis.Says.Errors.Count > 0 => Analysis.Says.Errors.Count == 1 ? "The analysis found an error." : $"The analysis found {Analysis.Says.Errors.Count} errors.",
        _ when Same is not null => "The draft is in force already.",
        _ => null,
    };
}
