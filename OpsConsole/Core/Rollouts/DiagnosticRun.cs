namespace OpsConsole.Core.Rollouts;

/// <summary>One readiness diagnostic that somebody went through. Never changes.</summary>
public sealed class DiagnosticRun
{
    private DiagnosticRun() { }
    public DiagnosticRun(string id, string subject, string by, DateTimeOffset at, IReadOnlyDictionary<string, string> answers) => (Id, Subject, By, At, Answers) = (id, subject, by, at, answers);

    public string Id { get; private set; } = "";
    /// <summary>What it was about, in the words of whoever answered: a team or a workflow. Runs about the same are compared.</summary>
    public string Subject { get; private set; } = "";
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary>Question id → the chosen answer's id, or what was written.</summary>
    public IReadOnlyDictionary<string, string> Answers { get; private set; } = new Dictionary<string, string>();
    /// <summary>The rollout that was begun from it, if one was.</summary>
    public string? RolloutId { get; private set; }

    public void Began(string rolloutId) => RolloutId ??= rolloutId;
}
