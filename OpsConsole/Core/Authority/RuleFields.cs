using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>What a field said and says; null where nothing stands in it. Durations and conditions are in words.</summary>
/// <param name="Field">The wire name.</param>
/// <param name="Title">The name for people.</param>
public sealed record FieldChange(string Field, string Title, string? Old, string? New);

/// <summary>The fields of a row one by one: which differ, how they read, and taking one over from another row.</summary>
internal static class RuleFields
{
    private static readonly (string Name, string Title)[] All =
    [
        ("id", "id"), ("action", "action"), ("resource", "resource"), ("when", "conditions"), ("outcome", "outcome"), ("approvers", "approvers"), ("quorum", "approvals needed"), ("order", "order of asking"),
        ("sla", "time to answer"), ("on_expiry", "without an answer"), ("escalate_to", "escalated to"), ("effect", "effect"), ("consequence", "consequence"), ("classes", "what is at stake"),
        ("reversible", "can be undone"), ("window", "time to undo"), ("confirm", "confirmation"), ("claim", "claimed before use"), ("hold", "held back"), ("valid_for", "valid for"), ("exceptions", "exceptions"), ("note", "note"),
    ];

    /// <summary>Wire names of the fields that differ, exactly, in the order in which people read them.</summary>
    public static IReadOnlyList<string> Differing(MatrixRule a, MatrixRule b)
    {
        var (left, right) = (RowText.Fields(a), RowText.Fields(b));
        return [.. All.Select(f => f.Name).Where(f => left.GetValueOrDefault(f) != right.GetValueOrDefault(f))];
    }

    /// <summary>The same with what stood and stands there; of a new row or one that is gone, everything that is said at all.</summary>
    public static IReadOnlyList<FieldChange> Changes(MatrixRule? old, MatrixRule? now)
    {
        if (old is not null && now is not null) return [.. Differing(old, now).Select(f => Change(f, old, now))];
        var said = RowText.Fields((old ?? now)!);
        return [.. All.Where(f => said.ContainsKey(f.Name)).Select(f => new FieldChange(f.Name, f.Title, old is null ? null : Text(old, f.Name), now is null ? null : Text(now, f.Name)))];
    }

    /// <summary><paramref name="into"/> with what stands in this field of <paramref name="from"/>.</summary>
    public static MatrixRule Take(MatrixRule into, MatrixRule from, string field) => field switch
    {
        "id" => into with { Id = from.Id },
        "action" => into with { Action = from.Action },
        "resource" => into with { Resource = from.Resource },
        "when" => into with { When = from.When },
        "outcome" => into with { Outcome = from.Outcome },
        "approvers" => into with { Approvers = from.Approvers },
        "quorum" => into with { Quorum = from.Quorum },
        "order" => into with { Order = from.Order },
        "sla" => into with { Sla = from.Sla },
        "on_expiry" => into with { OnExpiry = from.OnExpiry },
        "escalate_to" => into with { EscalateTo = from.EscalateTo },
        "effect" => into with { Effect = from.Effect },
        "consequence" => into with { Consequence = from.Consequence },
        "classes" => into with { Classes = from.Classes },
        "reversible" => into with { Reversible = from.Reversible },
        "window" => into with { Window = from.Window },
        "confirm" => into with { Confirm = from.Confirm },
        "claim" => into with { Claim = from.Claim },
        "hold" => into with { Hold = from.Hold },
        "valid_for" => into with { ValidFor = from.ValidFor },
        "exceptions" => into with { Exceptions = from.Exceptions },
        "note" => into with { Note = from.Note },
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "A row has no such field."),
    };

    public static string? Text(MatrixRule rule, string field) => field switch
    {
        "id" => rule.Id,
        "action" => rule.Action,
        "resource" => rule.Resource is { } r ? $"{r.Type ?? "any type"}{(r.Id is null ? "" : " " + r.Id)}" : null,
        "when" => rule.When.Count == 0 ? null : ConditionText.Format(rule.When),
        "outcome" => MatrixWords.Of(rule.Outcome),
        "approvers" => List(rule.Approvers),
        "quorum" => rule.Quorum.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "order" => rule.Order == ApprovalOrder.Sequence ? "one after another" : "at the same time",
        "sla" => DurationWords.Of(rule.Sla),
        "on_expiry" => rule.OnExpiry switch { OnExpiry.Deny => "denied", OnExpiry.Escalate => "escalated", _ => "more people are asked" },
        "escalate_to" => List(rule.EscalateTo),
        "effect" => MatrixWords.Effects[rule.Effect],
        "consequence" => MatrixWords.Consequences[rule.Consequence],
        "classes" => List(rule.Classes),
        "reversible" => rule.Reversible ? "yes" : "no",
        "window" => DurationWords.Of(rule.Window),
        "confirm" => MatrixWords.Confirms[rule.Confirm],
        "claim" => rule.Claim ? "yes" : "no",
        "hold" => rule.Hold is { } hold ? DurationWords.Of(hold) : null,
        "valid_for" => DurationWords.Of(rule.ValidFor),
        "exceptions" => List(rule.Exceptions),
        "note" => rule.Note,
        _ => null,
    };

    private static FieldChange Change(string field, MatrixRule old, MatrixRule now)
    {
        var title = All.First(f => f.Name == field).Title;
        var (before, after) = (Text(old, field), Text(now, field));
        // Words round: two lengths of time, or two lists with commas inside, may read alike. Then the exact spelling tells them apart.
        return before == after ? new(field, title, RowText.Fields(old).GetValueOrDefault(field), RowText.Fields(now).GetValueOrDefault(field)) : new(field, title, before, after);
    }

    private static string? List(IReadOnlyList<string> items) => items.Count == 0 ? null : string.Join(", ", items);
}
