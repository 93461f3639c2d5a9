using System.Security.Cryptography;
using System.Text;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Rollouts;

/// <summary>What can be confirmed by name.</summary>
/// <param name="Says">What whoever confirms it stands for.</param>
/// <param name="Ask">What to write, for people.</param>
/// <param name="Who">Holders of these roles, and their deputies unless <see cref="HoldersOnly"/>.</param>
/// <param name="NeedsLink">It counts with a link to the evidence only.</param>
public sealed record ConfirmationRule(string Subject, string Says, string Ask, IReadOnlyList<RolloutRole> Who, bool NeedsLink)
{
    /// <summary>Nobody can explain it for the owner.</summary>
    public bool HoldersOnly { get; init; }

    /// <summary>No gate asks for it, so it is confirmed on the page of the steps.</summary>
    public bool InSteps { get; init; }

    public bool May(string personId, RolloutAuthority rollout) => rollout.Members.Any(m => m.PersonId == personId && Who.Contains(m.Role) && !(HoldersOnly && m.Deputy));
}

/// <summary>What people stand for by name, where no machine can check it (yet): who may, in what form, and what it was about.</summary>
public static class ConfirmationRules
{
    public const int LeastWords = 10, MaxWords = 2_000, MaxLink = 1_000;

    /// <summary>The three without whom no rollout begins (product.md, 'Rollout').</summary>
    public static readonly IReadOnlyList<RolloutRole> Owners = [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.IncidentOwner];

    public static readonly ConfirmationRule
        Boundary = new("boundary", "I can explain what the agent can and cannot touch in version 1", "Explain it as you would to somebody who was not in the room.", Owners, false) { HoldersOnly = true },
        Evals = new("evals", "The evals passed on the present version of the agent", "Which suites ran, on which version, and what failed.", [RolloutRole.EngineeringOwner, RolloutRole.RedTeamReviewer], true),
        Rollback = new("rollback", "The way back was rehearsed", "What was undone, by whom, and how long it took.", [RolloutRole.IncidentOwner, RolloutRole.EngineeringOwner], true),
        Shadow = new("shadow", "In shadow mode the agent proposed what people did, on a sample that is large and mixed enough", "How many cases of which kinds, and how many agreed.", [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.RiskLead], true),
        Verdict = new("weekly-verdict", "A weekly review ended in keep, adjust or stop", "Which week, which of the three, and on which evidence.", [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner], true) { InSteps = true },
        Reviews = new("weekly-reviews", "The weekly reviews of a whole cycle stayed inside the thresholds", "Which weeks, and what they ended with.", [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner], true),
        Holds = new("scale-holds", "No hold on scaling is open", "Which holds there were, and how each was lifted.", [RolloutRole.RiskLead], true),
        Memo = new("memo", "The scale memo is signed", "What was decided, and on which evidence.", [RolloutRole.ExecSponsor], true);

    public static readonly IReadOnlyList<ConfirmationRule> All = [Boundary, Evals, Rollback, Shadow, Verdict, Reviews, Holds, Memo];

    public static ConfirmationRule? Find(string subject) => All.FirstOrDefault(r => r.Subject == subject);

    /// <summary>A ground that nothing meets any more: the gate that rested on it was revoked.</summary>
    public const string Outdated = "-";

    /// <summary>
    /// What a confirmation is about, as one hash for each part, in order and with spaces between: for the boundary what is out of bounds on the canvas and each boundary of the matrix, for the evals and the
    /// shadow run each agent in its version; the others are about what happened, which does not change.
    /// </summary>
    public static string Ground(string subject, RolloutEvidence evidence) => subject switch
    {
        "boundary" => string.Join(' ', [Part(evidence.Sheet("canvas").Text("out_of_bounds")), .. evidence.Document.Boundaries.Select(Part).Order(StringComparer.Ordinal)]),
        "evals" or "shadow" => string.Join(' ', evidence.Agents.Select(Part).Order(StringComparer.Ordinal)),
        _ => "",
    };

    /// <summary>The same in one short word, for whoever confirms to say what they have seen.</summary>
    public static string Stamp(string subject, RolloutEvidence evidence) => Part(Ground(subject, evidence));

    /// <summary>What a confirmation is about, for people; empty where it is about what happened.</summary>
    public static IReadOnlyList<string> About(string subject, RolloutEvidence evidence) => subject switch
    {
        "boundary" => [.. evidence.Sheet("canvas").Text("out_of_bounds").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), .. evidence.Document.Boundaries.Select(RuleSentence.Of)],
        "evals" or "shadow" => [.. evidence.Agents.Select(a => $"{a.Name}, version {a.Version ?? "not given"}, model {a.Model ?? "not given"}")],
        _ => [],
    };

    /// <summary>
    /// Whether what was confirmed is still there, even if it reads differently today: no published boundary that the owners explained has gone, no agent that may act is in another version than the one that was looked at.
    /// A gate that rests on it stands as long as this does.
    /// </summary>
    public static bool Covers(string subject, string ground, RolloutEvidence evidence)
    {
        var (given, now) = (ground.Split(' '), Ground(subject, evidence).Split(' '));
        return ground != Outdated && subject switch
        {
            "boundary" => evidence.Rollout.Policy is null || given.Skip(1).All(now.Skip(1).Contains),
            "evals" or "shadow" => evidence.Agents.Where(a => a.MayAct).All(a => given.Contains(Part(a))),
            _ => true,
        };
    }

    private static string Part(Boundary boundary) => Part(MatrixJson.ToJson(new MatrixDocument { Boundaries = [boundary with { Reason = "" }] }));

    private static string Part(AgentFacts agent) => Part($"{agent.Id} {agent.Version} {agent.Model}");

    /// <summary>What is wrong with the form, or null. Codes: <c>confirmation.short</c>, <c>confirmation.no_link</c>, <c>field.invalid</c>.</summary>
    public static Fault? Check(ConfirmationRule rule, string words, string? link)
    {
        if (words.Trim().Length < LeastWords) return Fault.Refused("confirmation.short", $"Say it in your own words: at least {LeastWords} characters.", "words");
        if (words.Length > MaxWords) return Fault.Invalid("field.invalid", $"words is longer than {MaxWords} characters.", "words");
        if (string.IsNullOrWhiteSpace(link)) return rule.NeedsLink ? Fault.Refused("confirmation.no_link", "Give the link under which the evidence can be seen.", "link") : null;
        return link.Length > MaxLink || !Uri.TryCreate(link.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") ? Fault.Invalid("field.invalid", "link must begin with https:// or http://.", "link") : null;
    }

    private static string Part(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
