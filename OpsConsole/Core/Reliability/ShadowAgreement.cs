using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Reliability;

/// <summary>What people did where the agent only proposed.</summary>
public enum HumanDid
{
    /// <summary>Exactly what was proposed.</summary>
    Same,
    /// <summary>The same action with other arguments.</summary>
    Edited,
    /// <summary>Another action.</summary>
    Different,
    /// <summary>Nothing at all.</summary>
    Nothing,
}

/// <summary>Recorded samples that are alike in everything that agreement looks at.</summary>
/// <param name="Action">What the agent proposed, in lower case.</param>
/// <param name="WouldBe">The console's answer without tier and gate.</param>
/// <param name="HumanAction">In lower case; only where people did another action.</param>
public sealed record ShadowCount(string AgentId, string Action, Outcome WouldBe, HumanDid Did, string? HumanAction, bool ByPerson, long Count);

/// <summary>
/// Shadow agreement (ADR 22; numbers.md): two judges of one case, each of whom says what happens next. The first is the agent under the matrix in force: its action, or nothing where the matrix denies it. The
/// second is the people: the action that they did, or nothing. They agree where both say the same. The same action with other arguments is another answer (<see cref="Otherwise"/>), because the arguments are what
/// goes wrong; the agent never gives it, so that it counts against agreement whatever was proposed. A case that would have waited for a person counts as the agent's action: people would have seen just that.
/// Where only one action was ever proposed, kappa is 0 or undefined however much is alike: a sample without variety proves nothing beyond chance, and says so.
/// </summary>
public static class ShadowAgreement
{
    /// <summary>Answers that are no action: none can be called so, because of the brackets.</summary>
    public const string Nothing = "(nothing)", Otherwise = "(otherwise)", Others = "(other actions)";

    /// <summary>Whether a decision is a sample: asked in mode shadow, or asked for real and held back by nothing but tier or gate.</summary>
    public static bool IsSample(DecisionRecord d) => d.WouldBe is not null && d.Mode != AskMode.Simulation;

    /// <summary>What would have happened without people.</summary>
    public static string Proposed(string action, Outcome wouldBe) => wouldBe == Outcome.Deny ? Nothing : action;

    /// <summary>What people did.</summary>
    public static string Done(string action, HumanDid did, string? humanAction) => did switch
    {
        HumanDid.Same => action, HumanDid.Different => humanAction ?? Otherwise, HumanDid.Nothing => Nothing, _ => Otherwise,
    };

    public static bool Agrees(string action, Outcome wouldBe, HumanDid did, string? humanAction) => Proposed(action, wouldBe) == Done(action, did, humanAction);

    /// <summary>
    /// Every figure of these samples. Answers that only one of the two ever gave are put together for it, which changes neither po nor pe: one of their two shares is 0 either way. The matrix inside is therefore for
    /// reckoning; <see cref="Table"/> is for reading.
    /// </summary>
    public static Agreement Of(IEnumerable<ShadowCount> samples)
    {
        var cells = Cells(samples);
        string[] both = [.. cells.Keys.Select(k => k.Proposed).Intersect(cells.Keys.Select(k => k.Done), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var place = both.Index().ToDictionary(b => b.Item, b => b.Index, StringComparer.Ordinal);
        var matrix = Enumerable.Range(0, both.Length + 2).Select(_ => new long[both.Length + 2]).ToArray();
        foreach (var ((proposed, done), n) in cells) matrix[place.GetValueOrDefault(proposed, both.Length)][place.GetValueOrDefault(done, both.Length + 1)] += n;
        return Agreement.Of(matrix);
    }

    /// <summary>The matrix for reading: a row per answer of the agent, a column per answer of people, in the same order; the most frequent actions by name, the rest as one, whose own cell has only those that agree.</summary>
    /// <param name="most">Actions by name, from 1.</param>
    public static (IReadOnlyList<string> Answers, IReadOnlyList<IReadOnlyList<long>> Counts) Table(IEnumerable<ShadowCount> samples, int most)
    {
        var cells = Cells(samples);
        var actions = cells.SelectMany(c => (IEnumerable<(string Name, long N)>)[(c.Key.Proposed, c.Value), (c.Key.Done, c.Value)]).Where(a => a.Name is not (Nothing or Otherwise)).GroupBy(a => a.Name, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(a => a.N)).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).ToList();
        List<string> answers = [.. actions.Take(most), .. actions.Count > most ? [Others] : Array.Empty<string>(), Otherwise, Nothing];
        var counts = answers.Select(_ => new long[answers.Count]).ToArray();
        foreach (var ((proposed, done), n) in cells)
        {
            var (row, column) = (Place(proposed), Place(done));
            if (row == column && proposed != done) column = answers.IndexOf(Otherwise);   // two others that are not the same
            counts[row][column] += n;
        }
        return (answers, counts);

        int Place(string answer) => answers.IndexOf(answer) is >= 0 and var at ? at : answers.IndexOf(Others);
    }

    private static Dictionary<(string Proposed, string Done), long> Cells(IEnumerable<ShadowCount> samples)
    {
        Dictionary<(string, string), long> cells = [];
        foreach (var s in samples)
        {
            var key = (Proposed(s.Action, s.WouldBe), Done(s.Action, s.Did, s.HumanAction));
            cells[key] = cells.GetValueOrDefault(key) + s.Count;
        }
        return cells;
    }
}

/// <summary>What a rollout asks of a shadow run before gate C: its thresholds <c>shadow_kappa</c>, <c>shadow_n</c> and <c>shadow_actions</c>.</summary>
/// <param name="Kappa">At least; from −1 to 1. .6 is where agreement begins to be called substantial (Landis and Koch 1977).</param>
/// <param name="N">Samples that people recorded, of each agent that may act.</param>
/// <param name="Actions">Different actions among them.</param>
public sealed record ShadowThresholds(double Kappa = 0.6, int N = 30, int Actions = 3)
{
    /// <summary>What it lacks first, in words; null: nothing.</summary>
    public string? Lacking(ShadowFigures figures)
    {
        var a = figures.Agreement;
        return a.N < N ? System.FormattableString.Invariant($"{a.N} of {N} samples recorded by people")
            : figures.Actions < Actions ? System.FormattableString.Invariant($"{figures.Actions} of {Actions} different actions among {a.N} samples")
            : a.Kappa is not { } kappa ? System.FormattableString.Invariant($"kappa is undefined over {a.N} samples, because all of them have one and the same answer")
            : kappa < Kappa ? System.FormattableString.Invariant($"kappa {kappa:0.00} over {a.N} samples is below {Kappa:0.##}") : null;
    }

    /// <summary>Out of the rollout's own thresholds by name; what is not there, or makes no sense, is the default.</summary>
    public static ShadowThresholds Of(IReadOnlyDictionary<string, double> own)
    {
        var defaults = new ShadowThresholds();
        return new(own.TryGetValue("shadow_kappa", out var kappa) && kappa is >= -1 and <= 1 ? kappa : defaults.Kappa, Whole("shadow_n", defaults.N), Whole("shadow_actions", defaults.Actions));

        int Whole(string name, int otherwise) => own.TryGetValue(name, out var said) && said is >= 1 and <= 1_000_000 ? (int)Math.Ceiling(said) : otherwise;
    }
}

/// <summary>How one agent agreed with people.</summary>
/// <param name="Actions">How many different actions it would have taken in the samples: what would have been denied tries nothing.</param>
public sealed record ShadowFigures(Agreement Agreement, int Actions)
{
    public static ShadowFigures Of(IReadOnlyCollection<ShadowCount> samples) => new(ShadowAgreement.Of(samples), samples.Where(s => s.WouldBe != Outcome.Deny).Select(s => s.Action).Distinct(StringComparer.Ordinal).Count());
}
