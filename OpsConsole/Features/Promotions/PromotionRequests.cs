using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Promotions;

/// <summary><c>POST agents/{id}/promotions</c>: <c>{ capability, reason, test: { kind: fixed, sample, target } | { kind: sequential, p1, p2, alpha, beta }, scenario_classes, each_at_least, review_days, open_days }</c>. All but the first two may be left out.</summary>
/// <param name="Terms">Without classes: every row of the published matrix that the capability can meet (<see cref="ClassesGiven"/> is false).</param>
public sealed record ProposePromotionRequest(string Capability, string Reason, PromotionTerms Terms, bool ClassesGiven)
{
    private enum Kind { Fixed, Sequential }
    private static readonly Dictionary<string, Kind> Kinds = new() { ["fixed"] = Kind.Fixed, ["sequential"] = Kind.Sequential };

    internal static ProposePromotionRequest Read(Fields fields)
    {
        var classes = fields.Texts("scenario_classes", AdvanceCriteria.MaxClasses, AdvanceCriteria.MaxClass);
        var terms = new PromotionTerms
        {
            ScenarioClasses = classes ?? [], EachAtLeast = (int?)fields.Whole("each_at_least", 1, PromotionTerms.MostEach) ?? AdvanceCriteria.UsualEach,
            ReviewDays = (int?)fields.Whole("review_days", 1, PromotionTerms.MostDays) ?? PromotionTerms.UsualDays, OpenDays = (int?)fields.Whole("open_days", 1, PromotionTerms.MostDays) ?? PromotionTerms.UsualDays,
        };
        var given = fields.Object("test");
        if (given.ValueKind == System.Text.Json.JsonValueKind.Undefined) terms = terms with { Sample = AdvanceCriteria.LeastSample(terms.Target) };
        else
        {
            var test = new Fields(given, "test");
            var (kind, usual) = (test.Word("kind", Kinds, required: true), PromotionPlan.UsualTest);
            if (kind == Kind.Sequential) terms = terms with { P1 = test.Number("p1", 0, 1) ?? usual.P1, P2 = test.Number("p2", 0, 1) ?? usual.P2, Alpha = test.Number("alpha", 0, 1) ?? usual.Alpha, Beta = test.Number("beta", 0, 1) ?? usual.Beta };
            else
            {
                var target = test.Number("target", 0, AdvanceCriteria.MaxTarget) ?? AdvanceCriteria.UsualTarget;
                terms = terms with { Target = target, Sample = (int?)test.Whole("sample", 1, AdvanceCriteria.MaxSample) ?? AdvanceCriteria.LeastSample(target) };
            }
            if (test.Finish() is { } wrong) fields.Refuse("test", "is wrong: " + wrong.Message);
        }
        return new(fields.Text("capability", required: true) ?? "", fields.Text("reason", required: true) ?? "", terms, classes is not null);
    }

    /// <summary>What is wrong with the words, or null; the service asks, and looks at the terms when it knows the rows of the matrix.</summary>
    internal Fault? Check() => TextRules.Wrong("capability", Capability, 128, required: true) ?? TextRules.Wrong("reason", Reason, PromotionProposal.LongestReason, required: true);
}

/// <summary><c>POST …/promotions/{id}/confirm</c> and <c>…/withdraw</c>.</summary>
public sealed record PromotionReason(string Reason)
{
    internal static PromotionReason Read(Fields fields) => new(fields.Text("reason", required: true) ?? "");

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, PromotionProposal.LongestReason, required: true);
}
