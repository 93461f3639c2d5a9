using OpsConsole.Core.Shared;
using static OpsConsole.Core.Rollouts.DiagnosticQuestions;

namespace OpsConsole.Core.Rollouts;

/// <summary>How ready an area is.</summary>
/// <param name="Percent">Points of its questions out of all that could be had, 0–100.</param>
public sealed record AreaScore(string Area, int Percent);

/// <summary>A workflow that might be the pilot.</summary>
/// <param name="Points">0–10: frequency, clear end and measurability up to 2 each, reversibility up to 4, because a pilot makes mistakes.</param>
/// <param name="Why">What speaks for it and against it.</param>
public sealed record CandidateScore(string Name, int Points, string Why);

/// <summary>What to settle.</summary>
public sealed record SettleLine(string Question, string Text, string Where);

/// <summary>What the answers say. Pure: the same answers always say the same.</summary>
/// <param name="Percent">Of all questions, 0–100.</param>
/// <param name="Closest">The failure that the answers are closest to; null where no answer is poor.</param>
/// <param name="Candidates">Best first.</param>
/// <param name="Pilot">The name of the better pilot; null where none was named, or none is fit: fewer than five points, or no way back.</param>
/// <param name="First">At most three.</param>
public sealed record DiagnosticScore(int Percent, IReadOnlyList<AreaScore> Areas, FailureMode? Closest, IReadOnlyList<CandidateScore> Candidates, string? Pilot, IReadOnlyList<SettleLine> First)
{
    public const int MaxText = 500;
    private const int MostFirst = 3, Fit = 5;

    /// <summary>Faults: <c>answer.missing</c>, <c>answer.unknown</c>, each with the answer's id in the field.</summary>
    public static Result<DiagnosticScore> Of(IReadOnlyDictionary<string, string> answers)
    {
        if (Wrong(answers) is { } fault) return fault;
        var points = All.ToDictionary(q => q.Id, q => Letters.IndexOf(answers[q.Id][0]), StringComparer.Ordinal);
        var modes = All.GroupBy(q => q.Mode).Select(g => (Mode: g.Key, Lost: g.Average(q => 2 - points[q.Id]))).OrderByDescending(m => m.Lost).ThenBy(m => m.Mode).First();
        IReadOnlyList<CandidateScore> candidates = [.. Enumerable.Range(1, DiagnosticQuestions.Candidates).Where(i => answers.ContainsKey(Key(i, "name"))).Select(i => Score(answers, i)).OrderByDescending(c => c.Points)];
        var pilot = candidates.FirstOrDefault(c => c.Points >= Fit && answers[Key(Enumerable.Range(1, DiagnosticQuestions.Candidates).First(i => answers.GetValueOrDefault(Key(i, "name")) == c.Name), "undo")] != "a");
        return new DiagnosticScore(Share(points.Values), [.. All.GroupBy(q => q.Area).Select(g => new AreaScore(g.Key, Share(g.Select(q => points[q.Id]))))], modes.Lost > 0 ? modes.Mode : null, candidates, pilot?.Name,
            [.. All.Where(q => points[q.Id] < 2).OrderBy(q => points[q.Id]).Take(MostFirst).Select(q => new SettleLine(q.Id, q.Settle, q.Where))]);
    }

    /// <summary>Under which id an answer about a candidate stands, for example <c>pilot-1-often</c>.</summary>
    public static string Key(int candidate, string what) => $"pilot-{candidate}-{what}";

    private static CandidateScore Score(IReadOnlyDictionary<string, string> answers, int i)
    {
        var points = Candidate.Select(q => (Question: q, Points: Letters.IndexOf(answers[Key(i, q.Id)][0]))).ToList();
        string[] strong = [.. points.Where(p => p.Points == 2).Select(p => Good(p.Question.Id))], weak = [.. points.Where(p => p.Points == 0).Select(p => Poor(p.Question.Id))];
        var why = string.Join("; ", new[] { strong.Length > 0 ? "for it: " + string.Join(", ", strong) : "", weak.Length > 0 ? "against it: " + string.Join(", ", weak) : "" }.Where(w => w.Length > 0));
        return new(answers[Key(i, "name")], points.Sum(p => p.Question.Id == "undo" ? 2 * p.Points : p.Points), why.Length == 0 ? "middling in everything" : why);
    }

    private static Fault? Wrong(IReadOnlyDictionary<string, string> answers)
    {
        foreach (var question in All)
        {
            if (!answers.TryGetValue(question.Id, out var answer)) return Fault.Invalid("answer.missing", $"“{question.Text}” is not answered.", "answers." + question.Id);
            if (!IsLetter(answer)) return Fault.Invalid("answer.unknown", $"“{question.Text}” is answered with a, b or c.", "answers." + question.Id);
        }
        foreach (var i in Enumerable.Range(1, DiagnosticQuestions.Candidates).Where(i => answers.ContainsKey(Key(i, "name"))))
        {
            foreach (var question in Candidate)
            {
                if (!answers.TryGetValue(Key(i, question.Id), out var answer) || !IsLetter(answer)) return Fault.Invalid("answer.missing", $"“{question.Text}” is not answered for {answers[Key(i, "name")]}.", "answers." + Key(i, question.Id));
            }
        }
        var known = All.Select(q => q.Id).Concat(Words.Select(w => w.Id)).Concat(Enumerable.Range(1, DiagnosticQuestions.Candidates).SelectMany(i => Candidate.Select(q => q.Id).Append("name").Select(w => Key(i, w)))).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, text) in answers)
        {
            if (!known.Contains(id)) return Fault.Invalid("answer.unknown", $"There is no question '{(id.Length > 40 ? id[..40] : id)}'.", "answers");
            if (text.Length > MaxText || string.IsNullOrWhiteSpace(text)) return Fault.Invalid("answer.unknown", $"answers.{id} has 1 to {MaxText} characters; leave it out where there is nothing to say.", "answers." + id);
        }
        return null;
    }

    private static bool IsLetter(string answer) => answer.Length == 1 && Letters.Contains(answer[0]);

    private static int Share(IEnumerable<int> points) => (int)Math.Round(points.Average() * 50, MidpointRounding.AwayFromZero);

    private static string Good(string id) => id switch { "often" => "it happens every day", "end" => "it has a clear end", "undo" => "mistakes are undone easily", _ => "it is measured already" };

    private static string Poor(string id) => id switch { "often" => "it happens too seldom to learn from", "end" => "it has no end", "undo" => "mistakes cannot be undone", _ => "it can hardly be measured" };
}
