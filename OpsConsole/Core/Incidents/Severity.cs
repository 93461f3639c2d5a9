namespace OpsConsole.Core.Incidents;

/// <summary>How bad an incident is; the smaller the worse.</summary>
public enum Severity { Sev1 = 1, Sev2, Sev3, Sev4 }

/// <summary>What a severity means and asks for.</summary>
/// <param name="Means">In words that somebody who reports a failure can choose by.</param>
/// <param name="UpdateEvery">How often those who follow it hear something while it is active; null: when there is something to say.</param>
/// <param name="ReviewDays">Working days after the resolution within which its review is due; null: none is asked for.</param>
public sealed record SeveritySpec(Severity Severity, string Wire, string Title, string Means, TimeSpan? UpdateEvery, int? ReviewDays)
{
    public static readonly IReadOnlyList<SeveritySpec> All =
    [
        new(Severity.Sev1, "sev1", "SEV-1", "Customers, money or the law are harmed now, or the agent is out of control.", TimeSpan.FromMinutes(30), 3),
        new(Severity.Sev2, "sev2", "SEV-2", "A wrong action reached a customer or a record that matters, and it can be contained.", TimeSpan.FromHours(1), 5),
        new(Severity.Sev3, "sev3", "SEV-3", "Something went wrong inside the team's own work; nobody outside was touched.", TimeSpan.FromHours(8), null),
        new(Severity.Sev4, "sev4", "SEV-4", "A near miss or a nuisance: worth learning from, nothing to repair.", null, null),
    ];

    public static SeveritySpec Of(Severity severity) => All[(int)severity - 1];

    /// <summary>Null for what is no severity.</summary>
    public static SeveritySpec? Parse(string? wire) => All.FirstOrDefault(s => s.Wire == wire);
}
