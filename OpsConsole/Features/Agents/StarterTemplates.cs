using OpsConsole.Core.Trust;

namespace OpsConsole.Features.Agents;

/// <summary>Three templates to start from: an agent is onboarded like a person, with narrow responsibilities first. Somebody asks for them; they are never there by themselves.</summary>
internal static class StarterTemplates
{
    private static readonly AdvanceCriteria Next = new() { To = Tier.Contributor, ScenarioClasses = ["common tasks", "edge cases", "refusals"] };

    public static readonly IReadOnlyList<(string Name, string Description, IReadOnlyList<TemplateLine> Lines)> All =
    [
        ("Observer first", "For every new agent: it reads, analyses and drafts. What it would write is denied and counted as a shadow sample, so that it can be compared with what people did.",
        [
            Line("*", Tier.Observer, "New here: it reads and drafts, and its proposals are compared with what people do", 30, null, Next),
        ]),
        ("Drafting contributor", "For agents that prepare the work: they recommend, and every write waits for a person. Put in the families of actions that your agents know.",
        [
            Line("*", Tier.Observer, "Reads what it needs to recommend", 90),
            Line("crm.*", Tier.Contributor, "Proposes changes to records; a person approves each one", 60, null, Next with { To = Tier.Executor }),
            Line("message.*", Tier.Contributor, "Drafts; a person sends. What is sent cannot be undone, so it stays here", 60),
            Line("ticket.*", Tier.Contributor, "Proposes replies and states; a person approves each one", 60, null, Next with { To = Tier.Executor }),
        ]),
        ("Executor for small reversible writes", "For agents that have proved themselves: small writes that can be undone run alone, as far as the rollout's gate and the matrix let them. The rest waits for a person.",
        [
            Line("*", Tier.Observer, "Reads what it needs to act", 90),
            Line("crm.*", Tier.Executor, "Changes of fields can be written back within their window", 30, 180),
            Line("message.*", Tier.Contributor, "Drafts; a person sends. What is sent cannot be undone", 60),
            Line("ticket.*", Tier.Executor, "What was closed can be opened again", 30, 180),
        ]),
    ];

    private static TemplateLine Line(string capability, Tier tier, string reason, int review, int? expires = null, AdvanceCriteria? advance = null)
        => new() { Capability = capability, Tier = tier, Reason = reason, ReviewIn = TimeSpan.FromDays(review), ExpiresIn = expires is { } days ? TimeSpan.FromDays(days) : null, Advance = advance };
}
