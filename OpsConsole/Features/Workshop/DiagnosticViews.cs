using System.Text.Json;
using OpsConsole.Core.Rollouts;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary><c>POST diagnostics</c>.</summary>
/// <param name="Subject">The team or the workflow it is about; runs about the same are compared.</param>
/// <param name="Answers">By the ids that <c>GET diagnostics/questions</c> lists.</param>
internal sealed record DiagnosticRequest(string Subject, IReadOnlyDictionary<string, string> Answers)
{
    public const int MaxSubject = 120;

    internal static DiagnosticRequest Read(Fields fields)
    {
        var subject = fields.Text("subject", MaxSubject, required: true) ?? "";
        Dictionary<string, string> answers = new(StringComparer.Ordinal);
        if (fields.Object("answers") is { ValueKind: JsonValueKind.Object } given)
        {
            foreach (var answer in given.EnumerateObject())
            {
                if (answer.Value.ValueKind == JsonValueKind.String) answers[answer.Name] = answer.Value.GetString()!;
                else fields.Refuse("answers", "has texts only.");
            }
        }
        return new(subject, answers);
    }
}

/// <summary>A question as the API shows it; its answers are a, b and c.</summary>
internal sealed record QuestionView(string Id, string? Area, string Text, IReadOnlyList<string> Answers);

/// <param name="Candidate">Asked about each workflow that is compared, as <c>pilot-1-often</c>, with <c>pilot-1-name</c>; up to three.</param>
/// <param name="Words">May be left out; in the team's own words.</param>
internal sealed record QuestionsView(IReadOnlyList<QuestionView> Questions, IReadOnlyList<QuestionView> Candidate, IReadOnlyList<QuestionView> Words);

/// <summary>A run in a list.</summary>
internal sealed record DiagnosticRow(string Id, string Subject, string By, DateTimeOffset At, int Percent, string? RolloutId);

/// <summary>What moved since the run before about the same subject.</summary>
/// <param name="Percent">Points of a hundred, more is better.</param>
/// <param name="Areas">Only those that moved.</param>
internal sealed record DiagnosticChange(string Since, DateTimeOffset At, int Percent, IReadOnlyList<AreaScore> Areas);

/// <summary>A run with what it says.</summary>
/// <param name="Closest">The failure that the answers are closest to, in words; null where no answer is poor.</param>
/// <param name="Change">Null for the first about its subject.</param>
/// <param name="RolloutId">The rollout that was begun from it; null: none, or one that the reader does not see.</param>
internal sealed record DiagnosticView(string Id, string Subject, string By, DateTimeOffset At, int Percent, IReadOnlyList<AreaScore> Areas, string? Closest, IReadOnlyList<CandidateScore> Candidates, string? Pilot,
    IReadOnlyList<SettleLine> First, DiagnosticChange? Change, string? RolloutId, IReadOnlyDictionary<string, string> Answers);

/// <summary><c>POST diagnostics/{id}/rollout</c>.</summary>
/// <param name="TimeZone">IANA zone; UTC when it is left out.</param>
internal sealed record BeginRequest(string Name, string? Purpose, string? TimeZone)
{
    internal static BeginRequest Read(Fields fields) => new(fields.Text("name", required: true) ?? "", fields.Text("purpose"), fields.Text("time_zone", 64));
}

/// <summary>The rollout that was begun.</summary>
internal sealed record BegunView(string Id, string Name, string Diagnostic);
