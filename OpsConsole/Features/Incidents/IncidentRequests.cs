using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary><c>POST incidents</c>: what happened, what it touched, and since when.</summary>
/// <param name="RolloutId">For people; an agent reports in its own rollout.</param>
/// <param name="Row">The row of the escalation matrix that fits; null: none, and the incident owner is told.</param>
/// <param name="Severity">Null: the row's, or SEV-3.</param>
/// <param name="DetectedAt">Null: now.</param>
/// <param name="OccurredAt">Null: when it was detected.</param>
public sealed record OpenIncidentRequest(string? RolloutId, string? Row, string Title, string? Text, Severity? Severity, DateTimeOffset? OccurredAt, DateTimeOffset? DetectedAt, IReadOnlyList<string> Records, IReadOnlyList<string> Customers, IReadOnlyList<string> Decisions, IReadOnlyList<string> Runs)
{
    private const int MostNamed = 200, LongestName = 500;

    internal static OpenIncidentRequest Read(Fields f) => new(
        f.Text("rollout_id", 40), f.Text("row", 40), f.Text("title", Incident.LongestTitle, required: true) ?? "", f.Text("text", Incident.LongestText), SeverityOf(f), f.Time("occurred_at"), f.Time("detected_at"),
        f.Texts("records", MostNamed, LongestName) ?? [], f.Texts("customers", MostNamed, LongestName) ?? [], f.Texts("decisions", MostNamed, 40) ?? [], f.Texts("runs", MostNamed, 200) ?? []);

    private static Severity? SeverityOf(Fields f) => f.Word("severity", Words);
    internal static readonly IReadOnlyDictionary<string, Severity> Words = SeveritySpec.All.ToDictionary(s => s.Wire, s => s.Severity);

    /// <summary>What a page or a circuit hands over is held against the same limits as a body.</summary>
    internal Fault? Wrong() => TextRules.Wrong("title", Title, Incident.LongestTitle, required: true) ?? TextRules.Wrong("text", Text, Incident.LongestText)
        ?? (Records.Count > MostNamed || Customers.Count > MostNamed || Decisions.Count > MostNamed || Runs.Count > MostNamed ? Fault.Invalid("field.invalid", $"At most {MostNamed} records, customers, decisions and runs can be named at once.") : null)
        ?? Records.Concat(Customers).Concat(Runs).Select(n => TextRules.Wrong("records", n, LongestName, required: true)).FirstOrDefault(w => w is not null);
}

/// <summary><c>PATCH incidents/{id}</c>: what is said of it. Left out: stays as it is.</summary>
/// <param name="Times">By name (<see cref="IncidentTimes.Order"/>); null takes one back.</param>
/// <param name="Roles">E-mail by role (<c>lead</c>, <c>scribe</c>, <c>communications</c>); empty: nobody.</param>
public sealed record ChangeIncidentRequest(string? Title, string? Text, Severity? Severity, IReadOnlyDictionary<string, DateTimeOffset?> Times, IReadOnlyDictionary<IncidentRole, string> Roles, IReadOnlyList<Affected>? Affected)
{
    public static readonly ChangeIncidentRequest Nothing = new(null, null, null, new Dictionary<string, DateTimeOffset?>(), new Dictionary<IncidentRole, string>(), null);
}
