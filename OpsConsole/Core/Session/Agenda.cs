namespace OpsConsole.Core.Session;

/// <summary>One item of a session: a step (1–6) with its time box.</summary>
/// <param name="Step">Null for the end, where scope, owners, decisions and next actions are read out.</param>
public sealed record AgendaItem(int? Step, string Title, TimeSpan Box);

/// <summary>What a session goes through, and in how much time.</summary>
public static class Agenda
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromHours(4);

    /// <summary>Two hours over the six steps: most of it where the matrix is written.</summary>
    public static IReadOnlyList<AgendaItem> Usual { get; } =
    [
        new(1, "Scope", TimeSpan.FromMinutes(25)),
        new(2, "Authority", TimeSpan.FromMinutes(35)),
        new(3, "Exceptions", TimeSpan.FromMinutes(20)),
        new(4, "Adversarial tests", TimeSpan.FromMinutes(20)),
        new(5, "Launch", TimeSpan.FromMinutes(8)),
        new(6, "Scale", TimeSpan.FromMinutes(5)),
        new(null, "What we leave with", TimeSpan.FromMinutes(7)),
    ];
}
