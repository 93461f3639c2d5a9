using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Trust;

public enum OfferKind { Add, ChangeTier, ChangeDates, End }

/// <summary>One change to an agent's grants that a template offers. Nothing happens until somebody accepts it.</summary>
/// <param name="Line">What the template says; null where it has this capability no more.</param>
/// <param name="Now">The grant that it would replace or end; null where the capability has none of its own.</param>
/// <param name="Widens">The agent could do more than now, or for longer.</param>
/// <param name="Words">The change as a sentence, with what is in force now.</param>
public sealed record OfferLine(OfferKind Kind, string Capability, TemplateLine? Line, CapabilityGrant? Now, bool Widens, string Words);

/// <summary>What lies between an agent's grants and a template: what a person is asked about, one line per capability.</summary>
public static class TemplateOffer
{
    /// <summary>
    /// The difference between the grants that came from the template and what it says now. A capability that is held by a grant from elsewhere (by hand, another
    /// template) is left alone: that was somebody's later decision. Dates count only where the template changed since: at its own version somebody chose them.
    /// </summary>
    /// <param name="live">All live grants of the agent.</param>
    public static IReadOnlyList<OfferLine> Of(TierTemplate template, IReadOnlyList<TemplateLine> lines, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        if (template.Archived) return [];
        List<OfferLine> offer = [];
        foreach (var line in lines)
        {
            var held = Held(line.Capability, live);
            if (held is null || (held.TemplateId == template.Id && (held.Tier != line.Tier || (held.TemplateVersion != template.Version && !line.SameTerms(held))))) offer.Add(Give(line, held, live, now));
        }
        offer.AddRange(live.Where(g => g.TemplateId == template.Id && lines.All(l => l.Capability != g.Capability)).Select(g => End(g, live)));
        return [.. offer.OrderBy(o => o.Capability, StringComparer.Ordinal)];
    }

    /// <summary>What every line would do to the agent if the template were applied whole.</summary>
    public static IReadOnlyList<OfferLine> IfApplied(IReadOnlyList<TemplateLine> lines, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
        => [.. lines.Select(line => Give(line, Held(line.Capability, live), live, now))];

    private static CapabilityGrant? Held(string capability, IEnumerable<CapabilityGrant> live) => live.FirstOrDefault(g => g.Capability == capability);

    private static OfferLine Give(TemplateLine line, CapabilityGrant? held, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        var tier = Word(line.Tier);
        if (held is null)
        {
            var broader = Broader(line.Capability, live);
            return new(OfferKind.Add, line.Capability, line, null, broader is null || line.Tier > broader.Tier, $"Give {line.Capability} as {tier}; {line.TermWords}. {(broader is null ? "Nothing is granted for it now." : $"Now {broader.Capability} as {Word(broader.Tier)} covers it.")}");
        }
        var longer = held.ExpiresAt is { } end && (line.ExpiresAt(now) is not { } newEnd || newEnd > end);
        return held.Tier == line.Tier
            ? new(OfferKind.ChangeDates, line.Capability, line, held, longer, $"Renew {line.Capability} as {tier}; {line.TermWords}. So far: {Terms(held)}.")
            : new(OfferKind.ChangeTier, line.Capability, line, held, line.Tier > held.Tier, $"{(line.Tier > held.Tier ? "Raise" : "Lower")} {line.Capability} from {Word(held.Tier)} to {tier}; {line.TermWords}. So far: {Terms(held)}.");
    }

    private static OfferLine End(CapabilityGrant held, IReadOnlyCollection<CapabilityGrant> live)
    {
        var broader = Broader(held.Capability, live);
        return new(OfferKind.End, held.Capability, null, held, broader?.Tier > held.Tier, $"End {held.Capability} as {Word(held.Tier)}: the template has it no more. {(broader is null ? "Nothing is granted for it then." : $"{broader.Capability} as {Word(broader.Tier)} covers it then.")}");
    }

    /// <summary>The most specific live grant of a wider capability: what holds where this one has no grant of its own.</summary>
    private static CapabilityGrant? Broader(string capability, IEnumerable<CapabilityGrant> live)
        => ActionPattern.TryParse(capability, out var wanted) ? live.Where(g => g.Capability != capability && ActionPattern.TryParse(g.Capability, out var pattern) && pattern.Covers(wanted)).MaxBy(g => g.Capability.Length) : null;

    private static string Terms(CapabilityGrant grant) => TemplateLine.TermsOf(grant.ExpiresAt - grant.CreatedAt, grant.ReviewBy - grant.CreatedAt);

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
