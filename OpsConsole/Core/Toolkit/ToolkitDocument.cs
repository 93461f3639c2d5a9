namespace OpsConsole.Core.Toolkit;

/// <summary>A document of the toolkit (product.md, 'PDF toolkit').</summary>
/// <param name="Id">As the API and the addresses call it.</param>
/// <param name="Purpose">What it is for, in a line below the title.</param>
/// <param name="Owner">Who answers for it, in words.</param>
/// <param name="Wide">Printed landscape.</param>
/// <param name="Unfilled">Why it is only a form to fill in by hand, in a sentence; null: the console fills it in.</param>
public sealed record ToolkitDocument(string Id, string Title, string Purpose, string Owner, bool Wide = false, string? Unfilled = null)
{
    public static readonly ToolkitDocument
        Canvas = new("canvas", "Launch canvas", "One narrow workflow, what it is worth, and what the agent must never touch.", "Rollout owner with the workflow owner"),
        Authority = new("authority", "Authority model worksheet", "What runs alone, what a person approves, and what never happens.", "Rollout owner with the risk lead", Wide: true),
        Checklist = new("checklist", "Minimum launch criteria", "The least that must be so before the first real case.", "Engineering owner", Wide: true),
        Escalation = new("escalation", "Escalation matrix and runbook", "Who takes it when it goes wrong, how soon, and how anybody reaches them.", "Incident-response owner", Wide: true),
        Tests = new("tests", "Adversarial test log", "What somebody or something could do to lead the agent astray, tried before it is real.", "Engineering owner with the red-team reviewer", Wide: true),
        Session = new("session", "Session summary", "What the room leaves with: scope, owners, decisions and next actions.", "Facilitator"),
        Gates = new("gates", "Gate record", "What each gate asks for, what was found, and who passed it.", "Rollout owner"),
        Incidents = new("incidents", "Incident review log", "What went wrong, what was done at once, and what keeps it from coming back.", "Incident-response owner", Wide: true),
        IncidentReview = new("incident-review", "Incident review", "What was learned from one incident: about things and arrangements, not about people.", "Incident-response owner", Unfilled: "Filled in, it is printed from an incident's review."),
        Review = new("review", "Weekly reliability review", "Every week ends in keep, adjust or stop, backed by evidence.", "Rollout owner with the workflow owner", Unfilled: "Filled in, it is printed from a week's review."),
        Memo = new("memo", "Scale decision memo", "Whether it is widened, on which evidence, and who signs.", "Executive sponsor", Unfilled: "Filled in, it is printed from a scale memo.");

    public static readonly IReadOnlyList<ToolkitDocument> All = [Canvas, Authority, Checklist, Escalation, Tests, Session, Gates, Incidents, IncidentReview, Review, Memo];

    /// <summary>It is only a form to fill in by hand.</summary>
    public bool BlankOnly => Unfilled is not null;

    /// <summary>What an export shows, in titles: <c>canvas,gates (blank)</c> becomes <c>Launch canvas, Gate record (blank)</c>. Anything else stays as it is.</summary>
    public static string Titles(string what)
    {
        var (ids, form) = what.EndsWith(" (blank)", StringComparison.Ordinal) ? (what[..^8], ", blank") : (what, "");
        var documents = ids.Split(',').Select(Find).ToList();
        if (documents.Contains(null)) return what;
        var whole = documents.Count == All.Count(d => form.Length > 0 || !d.BlankOnly);
        return (whole ? $"All {documents.Count} documents" : string.Join(", ", documents.Select(d => d!.Title))) + form;
    }

    public static ToolkitDocument? Find(string id) => All.FirstOrDefault(d => d.Id == id);
}
