using System.Text.Json;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>A field of a record, before and after a write; null: it was not there.</summary>
internal sealed record FieldChange(string Name, JsonElement? Before, JsonElement? After);

/// <summary>What the pages say of steps and plans, each state with a sign and a colour of its own.</summary>
internal static class UndoText
{
    /// <summary>A plan's steps by how they stand: what waits for people apart from what waits for machines.</summary>
    public static IEnumerable<(string State, int Count, string Word, string Tone, string Sign)> Counts(UndoPlanView plan)
    {
        foreach (var (state, count) in plan.Counts)
        {
            var (word, tone, sign) = Of(state);
            if (state != "waiting") yield return (state, count, word, tone, sign);
            else
            {
                if (count > plan.ByPeople) yield return (state, count - plan.ByPeople, word, tone, sign);
                if (plan.ByPeople > 0) yield return ("by-people", plan.ByPeople, plan.ByPeople == 1 ? "waits for somebody" : "wait for somebody", "waits", "!");
            }
        }
    }

    /// <summary>How a step stands; in a preview, how its write does.</summary>
    public static (string Word, string Tone, string Sign) Of(UndoStepView step) => step switch
    {
        { State: UndoState.Waiting, Runner: UndoRunner.Person, Id: null } => ("applied, by hand only", "waits", "!"),
        { State: UndoState.Waiting, Id: null } => ("applied", "unknown", "●"),
        { State: UndoState.Waiting, Runner: UndoRunner.Person } => ("waits for somebody", "waits", "!"),
        _ => Of(UndoWords.Of(step.State)),
    };

    /// <param name="state">In wire spelling, as counts are keyed.</param>
    public static (string Word, string Tone, string Sign) Of(string state) => state switch
    {
        "waiting" => ("to be given out", "unknown", "◔"),
        "sent" => ("under way", "accent", "→"),
        "undone" => ("undone", "allow", "✓"),
        "partly" => ("partly undone", "waits", "◑"),
        "failed" => ("failed", "denied", "✕"),
        "conflict" => ("conflict", "denied", "≠"),
        "irreversible" => ("cannot be undone", "denied", "■"),
        "skipped" => ("need not be undone", "unknown", "–"),
        _ => (state, "unknown", "?"),
    };

    public static (string Word, string Tone, string Sign) Of(UndoPlanView plan) => plan.State switch
    {
        UndoProgress.Preview => ("preview", "shadow", "◌"),
        UndoProgress.Running => ("running", "accent", "→"),
        UndoProgress.NeedsSomebody => ("needs somebody", "waits", "!"),
        _ when Left(plan) == 0 => ("done", "allow", "✓"),
        _ => ("ended, not all undone", "denied", "■"),
    };

    /// <summary>What a plan undoes, as its title, on one line: 'Undo refund.create on order o-17', 'Undo 12 writes of run run-7', 'Undo everything Refund agent did since 14:00'.</summary>
    public static string Title(UndoPlanView plan, ReaderClock clock)
    {
        var what = plan.Scope switch
        {
            { Kind: UndoScopeKind.Agent } s => $"everything {plan.AgentName ?? s.AgentId} did since {clock.Short(s.Since!.Value)}",
            { Kind: UndoScopeKind.Run } s => $"{Counted.Of(plan.Counts.Values.Sum(), "write")} of run {s.RunId}",
            { Kind: UndoScopeKind.Record } s => $"{s.Record} in {s.System}{(s.Since is { } since ? " since " + clock.Short(since) : "")}",
            { Kind: UndoScopeKind.Write } s => $"write {s.Write + 1} of {Decision(plan)}",
            _ => Decision(plan),
        };
        return "Undo " + VisibleText.Flatten(what).Replace('\n', ' ').Replace('\t', ' ');
    }

    private static string Decision(UndoPlanView plan)
    {
        if (plan.Action is not { } action) return "decision " + plan.Scope.DecisionId;
        var resource = string.Join(' ', new[] { plan.ResourceType, plan.ResourceId }.Where(t => !string.IsNullOrEmpty(t)));
        return resource.Length == 0 ? action : $"{action} on {resource}";
    }

    /// <summary>'2 of 3 writes undone'.</summary>
    public static string Progress(UndoPlanView plan)
    {
        var all = plan.Counts.Values.Sum();
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{plan.Counts.GetValueOrDefault("undone"):N0} of {Counted.Of(all, "write")} undone");
    }

    public static string Runner(UndoStepView step) => step.Runner switch
    {
        UndoRunner.Agent => VisibleText.Flatten(step.AgentName),
        UndoRunner.Endpoint => "the team's endpoint",
        _ => step.Person is { } person ? VisibleText.Flatten(person.Name) : "whoever may, by hand",
    };

    public static string How(UndoStepView step) => step.Kind switch
    {
        "reverse_write" => "reverse the write", "cancel_task" => "cancel the task", "correct_record" => "correct the record", "notify" => "tell whom it concerns", "quarantine" => "put it into quarantine", "manual" => "by hand",
        _ => "the report does not say",
    };

    /// <summary>Nothing more becomes of it.</summary>
    public static bool Ended(this UndoStepView step) => step.State is UndoState.Undone or UndoState.Irreversible or UndoState.Skipped;

    /// <summary>Whether this person says what became of it, as things stand: it was not handed to somebody else.</summary>
    public static bool Reports(this UndoStepView step, string? personId) => !step.Ended() && (step.Person is null || step.Person.Id == personId || step.EndedBy is not null);

    public static bool Retries(this UndoStepView step) => step.State is UndoState.Partly or UndoState.Failed or UndoState.Conflict;

    /// <summary>The fields that a write changed; null where before and after are not both objects (or absent), or cannot be read as such.</summary>
    public static IReadOnlyList<FieldChange>? Changes(string? before, string? after)
    {
        try
        {
            if (Fields(before) is not { } was || Fields(after) is not { } became || (before is null && after is null)) return null;
            return [.. was.Keys.Concat(became.Keys).Distinct().Select(name => new FieldChange(name, was.TryGetValue(name, out var b) ? b : null, became.TryGetValue(name, out var a) ? a : null))
                .Where(c => c.Before is not { } b || c.After is not { } a || !JsonElement.DeepEquals(b, a))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;   // a name that is no valid text: it is shown as it came
        }
    }

    private static Dictionary<string, JsonElement>? Fields(string? json)
    {
        if (json is null) return [];
        var root = JsonElement.Parse(json);
        if (root.ValueKind != JsonValueKind.Object) return null;
        Dictionary<string, JsonElement> fields = [];
        foreach (var property in root.EnumerateObject()) fields[property.Name] = property.Value;
        return fields;
    }

    // Steps that ended otherwise than undone; what need not be undone counts as done.
    private static int Left(UndoPlanView plan) => plan.Counts.Where(c => c.Key is not ("undone" or "skipped")).Sum(c => c.Value);
}
