namespace OpsConsole.Core.Incidents;

/// <summary>What an alert of a kind means as an incident. Its cause is the kind and the agent: repeats feed the incident that is open, and what comes within <see cref="CoolDown"/> of its end pages nobody again.</summary>
/// <param name="Kind">Of the alert, or with a trailing dot the family of it.</param>
/// <param name="Row">The row of the escalation matrix that is about it, among those that a matrix begins with: while it is there it says how grave this is, who is told and what the console does at once.</param>
public sealed record AlertSpec(string Kind, Severity Severity, string Title, string? Row = null)
{
    /// <summary>Somebody has to do something about each of them, so one that comes after an incident has ended opens another, however soon.</summary>
    public bool Each { get; init; }

    /// <summary>The kind whose incident it belongs to: both say the same of the agent, one within minutes, the other when the day is over. Null: its own.</summary>
    public string? Feeds { get; init; }

    public static readonly TimeSpan CoolDown = TimeSpan.FromMinutes(30);

    private static readonly AlertSpec[] All =
    [
        new("acted.", Severity.Sev1, "{0} acted without permission"),
        new("audit.broken", Severity.Sev1, "The audit log does not fit its own chain"),
        new("override.spike", Severity.Sev3, "People override {0} far more often than before", "start-2"),
        new("error.spike", Severity.Sev3, "What {0} does fails far more often than before"),
        new("limit.override", Severity.Sev3, "People override {0} more than its baseline allows", "start-2") { Feeds = "override.spike" },
        new("limit.failure", Severity.Sev3, "What {0} does fails more than its baseline allows") { Feeds = "error.spike" },
        new("limit.autonomy", Severity.Sev3, "How much {0} does alone is out of control"),
        new("drift.confidence", Severity.Sev4, "The confidence of {0} drifts"),
        new("drift.outcome", Severity.Sev3, "What {0} does succeeds less and less"),
        new("burn.override.page", Severity.Sev2, "Overrides of {0} use its error budget up within days"),
        new("burn.override.ticket", Severity.Sev4, "Overrides of {0} use its error budget up before its time"),
        new("burn.failure.page", Severity.Sev2, "Failures of {0} use its error budget up within days"),
        new("burn.failure.ticket", Severity.Sev4, "Failures of {0} use its error budget up before its time"),
        new("expired.unseen", Severity.Sev3, "Requests of {0} run out unseen"),
        new("silent", Severity.Sev4, "{0} has gone silent"),
        new("cap.", Severity.Sev3, "{0} reached a cap"),
        new("loop", Severity.Sev3, "{0} repeats itself"),
        new("unconfirmed", Severity.Sev3, "What {0} wrote was not confirmed in time") { Each = true },
        new("undo.stuck", Severity.Sev3, "What {0} wrote could not be undone by itself") { Each = true },
    ];

    /// <summary>Null: such an alert is for the people at home, and no incident.</summary>
    public static AlertSpec? Of(string kind) => All.FirstOrDefault(s => s.Kind.EndsWith('.') ? kind.StartsWith(s.Kind, StringComparison.Ordinal) : s.Kind == kind);

    /// <summary>What groups its repeats.</summary>
    public static string Cause(string kind, string agentId) => $"{Of(kind)?.Feeds ?? kind}:{agentId}";

    /// <summary>What groups an agent's own reports: all of one scenario are about one incident, whatever words it finds.</summary>
    public static string Report(string agentId, string? row) => $"report:{agentId}:{row}";
}

/// <summary>How far the alerts were taken in; one row, made with the table.</summary>
public sealed class AlertPlace
{
    public int Id { get; init; } = 1;
    public long Seq { get; set; }
}
