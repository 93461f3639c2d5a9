using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>A row in plain language: 'refund.create on an order, where amount is over 200: needs one of leads within 15 min, else it is denied.'</summary>
public static class RuleSentence
{
    private const int MaxShown = 3;

    /// <param name="who">How an approver (<c>user:email</c>, <c>group:name</c>) is called.</param>
    /// <param name="currency">That of the arguments' amount, where the register knows it (<see cref="MoneyWords.CurrencyOf"/>).</param>
    public static string Of(MatrixRule rule, Func<string, string> who, string? currency = null) => $"{Scope(rule.Action, rule.Resource, rule.When, currency)}: {Outcome(rule, who)}.{(rule.Exceptions.Count == 0 ? "" : $" Except: {string.Join(", ", rule.Exceptions)}.")}";

    public static string Of(Boundary boundary) => Of(boundary, null);

    /// <param name="currency">As for a rule.</param>
    public static string Of(Boundary boundary, string? currency) => $"{Scope(boundary.Action, boundary.Resource, boundary.When, currency)}: never{(boundary.Reason.Length == 0 ? "" : $", because {boundary.Reason.TrimEnd('.')}")}.";

    /// <summary>A condition in plain language: 'amount is over 200'.</summary>
    public static string Of(Condition condition)
    {
        var field = condition.Field.StartsWith("arguments.", StringComparison.Ordinal) ? condition.Field[10..] : condition.Field switch
        {
            "resource.type" => "the resource's type", "resource.id" => "the resource", "expected_cost.usd" => "the expected cost in USD", "expected_cost.tokens" => "the expected cost in tokens", "on_behalf_of" => "the person it acts for",
            var other => other,
        };
        var subject = condition.Each switch { Each.Any => $"one of {field}", Each.All => $"every one of {field}", _ => field };
        var value = condition.Value is { } given ? Show(given) : "";
        return condition.Op switch
        {
            Op.Equal => $"{subject} is {value}",
            Op.NotEqual => $"{subject} is not {value}",
            Op.Less => $"{subject} is under {value}",
            Op.LessOrEqual => $"{subject} is at most {value}",
            Op.Greater => $"{subject} is over {value}",
            Op.GreaterOrEqual => $"{subject} is at least {value}",
            Op.In => $"{subject} is {value}",
            Op.NotIn => $"{subject} is not {value}",
            Op.StartsWith => $"{subject} starts with {value}",
            Op.EndsWith => $"{subject} ends with {value}",
            Op.Contains => $"{subject} contains {value}",
            Op.Matches => $"{subject} looks like {value}",
            Op.Exists => $"{subject} is given",
            _ => $"{subject} is not given",
        };
    }

    internal static string Scope(string action, ResourcePattern? resource, IReadOnlyList<Condition> when, string? currency = null)
    {
        var text = action == "*" ? "Any action" : action.EndsWith(".*", StringComparison.Ordinal) ? $"Anything below {action[..^2]}" : action;
        if (resource is not null) text += " on " + (resource.Type is null or "*" ? "any resource" : resource.Type) + (resource.Id is null or "*" ? "" : " " + resource.Id);
        return when.Count == 0 ? text : $"{text}, where {Join(MoneyWords.Of(when, currency), "and")}";
    }

    internal static string Outcome(MatrixRule rule, Func<string, string> who) => rule.Outcome switch
    {
        RuleOutcome.Deny => "denied",
        RuleOutcome.Allow => (rule.Effect == Effect.Read ? "the agent reads alone" : rule.Reversible ? $"the agent does it alone, and it can be undone for {DurationWords.Of(rule.Window)}" : "allowed, but it cannot be undone: a person approves it all the same")
            + (rule is { Effect: Effect.Write, Reversible: true, Consequence: Consequence.High } ? " (before gate D a person approves it)" : ""),
        _ => $"needs {Approvers(rule, who)} within {DurationWords.Of(rule.Sla)}, else {Expiry(rule, who)}{(rule.Hold is { } hold && hold > TimeSpan.Zero ? $"; held back for {DurationWords.Of(hold)}" : "")}",
    } + (rule.Confirm == Confirm.Required ? "; somebody confirms it before its window ends" : "") + (rule.Claim ? "; claimed before use" : "");

    private static string Approvers(MatrixRule rule, Func<string, string> who)
    {
        if (rule.Approvers.Count == 0) return rule.Quorum > 1 ? $"{rule.Quorum} of the rollout's owners" : "one of the rollout's owners";
        var names = rule.Approvers.Select(a => (ApproverEntry.IsGroup(a) ? "the group " : "") + who(a)).ToList();
        if (rule.Order == ApprovalOrder.Sequence && names.Count > 1) return string.Join(", then ", names) + (rule.Quorum < names.Count ? $" ({rule.Quorum} of them)" : "");
        if (names.Count == 1 && rule.Quorum == 1) return ApproverEntry.IsGroup(rule.Approvers[0]) ? "one of " + names[0] : names[0];
        return rule.Quorum == 1 ? Join(names, "or") : $"{rule.Quorum} of {Join(names, "and")}";
    }

    private static string Expiry(MatrixRule rule, Func<string, string> who) => rule.OnExpiry switch
    {
        OnExpiry.Deny => "it is denied",
        OnExpiry.Escalate when rule.EscalateTo.Count > 0 => $"{Join(rule.EscalateTo.Select(who), "and")} {(rule.EscalateTo.Count == 1 ? "is" : "are")} asked",
        OnExpiry.Escalate => "the rollout's owners are asked",
        _ => "more people are asked",
    };

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => Join([.. value.EnumerateArray().Take(MaxShown).Select(Show), .. value.GetArrayLength() > MaxShown ? [$"{value.GetArrayLength() - MaxShown} more"] : Array.Empty<string>()], "or"),
        JsonValueKind.String => $"“{value.GetString()}”",
        _ => value.GetRawText(),
    };

    private static string Join(IEnumerable<string> items, string word)
    {
        string[] all = [.. items];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} {word} {all[^1]}";
    }
}
