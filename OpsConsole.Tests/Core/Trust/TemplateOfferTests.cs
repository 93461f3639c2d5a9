using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Core.Trust;

/// <summary>What a changed template offers: exactly the difference, nothing of what came from elsewhere, and more authority never without its mark.</summary>
public sealed class TemplateOfferTests
{
    private const string Mine = "tpl_mine";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] Capabilities = ["*", "crm.*", "crm.contact.*", "crm.contact.update", "mail.*", "mail.send"], Actions = ["crm.contact.update", "crm.contact.delete", "crm.note.add", "mail.send", "mail.draft", "order.get"];

    private static readonly Gen<Tier> AnyTier = Gen.Elements(Tier.Observer, Tier.Contributor, Tier.Executor);
    private static readonly Gen<int> Days = Gen.Elements(30, 60, 90);

    private static readonly Gen<AdvanceCriteria?> Advance = Gen.OneOf(Gen.Constant((AdvanceCriteria?)null),
        Gen.Elements(0.8, 0.95, 0.999).SelectMany(target => Gen.Choose(1, 500).SelectMany(sample => Gen.Choose(0, 3).Select(classes => (AdvanceCriteria?)new AdvanceCriteria { To = Tier.Executor, Target = target, MinSample = sample, ScenarioClasses = [.. Enumerable.Range(0, classes).Select(c => $"class \"{c}\"")], EachAtLeast = classes == 0 ? 5 : sample }))));

    private static readonly Gen<IReadOnlyList<TemplateLine>> Lines = Some(c => AnyTier.SelectMany(tier => Days.SelectMany(review => Gen.OneOf(Days.Select(d => (int?)d), Gen.Constant((int?)null)).SelectMany(end => Advance.Select(advance => new TemplateLine
    {
        Capability = c, Tier = tier, Reason = "why", ReviewIn = TimeSpan.FromDays(review), ExpiresIn = end is { } days ? TimeSpan.FromDays(days) : null, Advance = tier == Tier.Executor ? null : advance,
    })))));

    private static readonly Gen<IReadOnlyList<CapabilityGrant>> Live = Some(c => AnyTier.SelectMany(tier => Gen.Elements(Mine, Mine, "tpl_other", null).SelectMany(from => Gen.Choose(1, 2).SelectMany(version => Days.SelectMany(review => Gen.Elements(60, 90, 0).Select(end =>
        new CapabilityGrant("grt_" + c, "agt", c, tier, "why", "usr", true, Now.AddDays(-20), end == 0 ? null : Now.AddDays(end - 20), Now.AddDays(review - 20), from, from is null ? null : version)))))));

    private static readonly Gen<(TierTemplate Template, IReadOnlyList<TemplateLine> Lines, IReadOnlyList<CapabilityGrant> Live)> World = Lines.SelectMany(lines => Live.Select(live => (Version2(lines), lines, live)));

    [Fact]
    public void Lines_WrittenAndRead_AreTheSame() => MatrixGenerators.Holds(Lines.Where(l => l.Count > 0), lines => TemplateLines.ToJson(TemplateLines.Parse(JsonElement.Parse(TemplateLines.ToJson(lines))).Value) == TemplateLines.ToJson(lines));

    [Fact]
    public void Of_EverythingAccepted_OffersNothingMore() => MatrixGenerators.Holds(World, w =>
    {
        var live = TemplateOffer.Of(w.Template, w.Lines, w.Live, Now).Aggregate(w.Live, (now, o) => Accepted(w.Template, now, o));
        return TemplateOffer.Of(w.Template, w.Lines, live, Now).Count == 0 && TemplateOffer.Of(w.Template, w.Lines, live, Now.AddDays(3)).Count == 0;
    });

    [Fact]
    public void Of_SomeAccepted_OffersTheRest() => MatrixGenerators.Holds(World, w =>
    {
        var offer = TemplateOffer.Of(w.Template, w.Lines, w.Live, Now);
        var rest = TemplateOffer.Of(w.Template, w.Lines, offer.Take(1).Aggregate(w.Live, (now, o) => Accepted(w.Template, now, o)), Now);
        return rest.Select(o => (o.Capability, o.Kind)).SequenceEqual(offer.Skip(1).Select(o => (o.Capability, o.Kind)));
    });

    [Fact]
    public void Of_NeverTouchesWhatCameFromElsewhere() => MatrixGenerators.Holds(World, w => TemplateOffer.Of(w.Template, w.Lines, w.Live, Now).All(o => o.Now is null ? w.Live.All(g => g.Capability != o.Capability) : o.Now.TemplateId == Mine));

    [Fact]
    public void Of_WhateverRaisesAnAction_IsMarked() => MatrixGenerators.Holds(World, w =>
        TemplateOffer.Of(w.Template, w.Lines, w.Live, Now).Concat(TemplateOffer.IfApplied(w.Lines, w.Live, Now)).All(o => o.Widens || Actions.All(a => Times.All(at => TierOf(a, Accepted(w.Template, w.Live, o), at) <= TierOf(a, w.Live, at)))));

    [Fact]
    public void Of_WhatRaisesNothingAtAnyTime_IsNotMarked() => MatrixGenerators.Holds(World, w =>
        TemplateOffer.Of(w.Template, w.Lines, w.Live, Now).Concat(TemplateOffer.IfApplied(w.Lines, w.Live, Now)).All(o => !o.Widens || Times.Any(at => TierOf(o.Capability, Accepted(w.Template, w.Live, o), at) > TierOf(o.Capability, w.Live, at))));

    // What is written below a wider grant may outlive it, and so may what is lowered; what ends may uncover something that lasts longer.
    [Theory]
    [InlineData("refund.* executor 1", null, "executor", null, true)]
    [InlineData("refund.* executor 60", null, "executor", 30, false)]
    [InlineData("refund.* executor 60", null, "contributor", 90, true)]
    [InlineData("refund.* executor", null, "executor", null, false)]
    [InlineData("", "executor 30", "observer", 60, true)]
    [InlineData("", "executor 30", "observer", 30, false)]
    [InlineData("", "executor", "observer", null, false)]
    [InlineData("refund.* executor", "executor 30", "observer", 60, false)]
    [InlineData("refund.* observer 90", "observer 30", null, null, false)]
    [InlineData("refund.* executor 90", "observer 30", null, null, true)]
    [InlineData("refund.* executor", "observer 60", "observer", 30, true)]   // shorter, and so the wider grant holds sooner
    public void Widens_AlsoMeansForLonger(string wider, string? own, string? becomes, int? days, bool widens)
    {
        CapabilityGrant[] live = [.. wider.Length == 0 ? (CapabilityGrant[])[] : [Held(wider)], .. own is null ? (CapabilityGrant[])[] : [Held("refund.create " + own)]];
        TemplateLine[] lines = becomes is null ? [] : [new() { Capability = "refund.create", Tier = Enum.Parse<Tier>(becomes, ignoreCase: true), Reason = "r", ExpiresIn = days is { } d ? TimeSpan.FromDays(d) : null }];
        var offer = TemplateOffer.Of(Version2(lines), lines, live, Now).SingleOrDefault(o => o.Capability == "refund.create");
        if (offer is null) Assert.False(widens);   // the same tier and terms: nothing is offered
        else Assert.Equal(widens, offer.Widens);

        static CapabilityGrant Held(string words) => words.Split(' ') is [var capability, var tier, .. var end]
            ? new("grt_" + capability, "agt", capability, Enum.Parse<Tier>(tier, ignoreCase: true), "r", "usr", true, Now, end is [var day] ? Now.AddDays(int.Parse(day, System.Globalization.CultureInfo.InvariantCulture)) : null, Now.AddDays(90), capability == "refund.create" ? Mine : null, 1)
            : throw new ArgumentException(words, nameof(words));
    }

    [Fact]
    public void Of_TheSameLines_OfferNothing() => MatrixGenerators.Holds(Lines, lines =>
    {
        var template = Version2(lines);
        return TemplateOffer.Of(template, lines, [.. lines.Select(l => Given(template, l))], Now.AddDays(5)).Count == 0;
    });

    [Fact]
    public void Words_SayWhatIsInForceNow()
    {
        CapabilityGrant[] live = [Grant("crm.*", Tier.Contributor), Grant("mail.*", Tier.Observer), Grant("*", Tier.Executor, null)];
        TemplateLine[] lines = [new() { Capability = "crm.*", Tier = Tier.Executor, Reason = "r", ExpiresIn = TimeSpan.FromDays(180) }, new() { Capability = "note.add", Tier = Tier.Contributor, Reason = "r" }];
        var offer = TemplateOffer.Of(Version2(lines), lines, live, Now);
        Assert.Equal(
        [
            (OfferKind.ChangeTier, true, "Raise crm.* from contributor to executor; ends after 180 days, review after 90 days. So far: no end, review after 90 days."),
            (OfferKind.End, true, "End mail.* as observer: the template has it no more. * as executor covers it then."),   // what is wider holds again
            (OfferKind.Add, false, "Give note.add as contributor; no end, review after 90 days. Now * as executor covers it."),
        ], offer.Select(o => (o.Kind, o.Widens, o.Words)));
    }

    [Fact]
    public void Of_ArchivedTemplate_OffersNothing()
    {
        TemplateLine[] lines = [new() { Capability = "crm.*", Tier = Tier.Executor, Reason = "r" }];
        var template = Version2(lines);
        template.Archive("usr", Now);
        Assert.Empty(TemplateOffer.Of(template, lines, [Grant("crm.*", Tier.Observer)], Now));
    }

    [Fact]
    public void Of_DatesChosenAtApplying_AreOfferedOnlyWhenTheTemplateMovesOn()
    {
        TemplateLine[] lines = [new() { Capability = "crm.*", Tier = Tier.Observer, Reason = "r" }];
        var template = new TierTemplate(Mine, "Mine", "", TemplateLines.ToJson(lines), "usr", Now);
        CapabilityGrant[] live = [new("grt", "agt", "crm.*", Tier.Observer, "r", "usr", true, Now, Now.AddDays(7), Now.AddDays(3), Mine, 1)];
        Assert.Empty(TemplateOffer.Of(template, lines, live, Now));
        var renewed = Assert.Single(TemplateOffer.Of(Version2(lines), lines, live, Now));
        Assert.Equal((OfferKind.ChangeDates, true), (renewed.Kind, renewed.Widens));
    }

    private static Gen<IReadOnlyList<T>> Some<T>(Func<string, Gen<T>> of) => Gen.SubListOf(Capabilities).SelectMany(list => list.Aggregate(Gen.Constant<IReadOnlyList<T>>([]), (all, c) => all.SelectMany(a => of(c).Select(one => (IReadOnlyList<T>)[.. a, one]))));

    private static TierTemplate Version2(IReadOnlyList<TemplateLine> lines)
    {
        var template = new TierTemplate(Mine, "Mine", "", "[]", "usr", Now);
        template.Change("Mine", "", TemplateLines.ToJson(lines) + " ", "usr", Now);
        return template;
    }

    private static CapabilityGrant Grant(string capability, Tier tier, string? from = Mine) => new("grt_" + capability, "agt", capability, tier, "r", "usr", true, Now, null, Now.AddDays(90), from, from is null ? null : 1);

    private static CapabilityGrant Given(TierTemplate template, TemplateLine l) => new("grt_new_" + l.Capability, "agt", l.Capability, l.Tier, l.Reason, "usr", true, Now, l.ExpiresAt(Now), l.ReviewBy(Now), template.Id, template.Version);

    private static IReadOnlyList<CapabilityGrant> Accepted(TierTemplate template, IReadOnlyList<CapabilityGrant> live, OfferLine o)
        => [.. live.Where(g => g.Capability != o.Capability), .. o.Line is { } line ? (CapabilityGrant[])[Given(template, line)] : []];

    // Every day on which a grant of these tests may end.
    private static readonly DateTimeOffset[] Times = [.. Enumerable.Range(0, 37).Select(d => Now.AddDays(d * 10))];

    private static Tier TierOf(string action, IReadOnlyList<CapabilityGrant> live, DateTimeOffset at)
        => live.Where(g => g.Live(at) && ActionPattern.TryParse(g.Capability, out var pattern) && pattern.Covers(action)).MaxBy(g => g.Capability == action ? int.MaxValue : g.Capability.Length)?.Tier ?? 0;
}
