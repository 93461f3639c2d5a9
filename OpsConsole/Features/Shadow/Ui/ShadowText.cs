using System.Globalization;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Shadow.Ui;

/// <summary>Shadow mode in words.</summary>
internal static class ShadowText
{
    /// <summary>Below this many samples, figures are said to be few.</summary>
    public const int Few = 30;

    public static string WouldBe(string word) => word switch { "allow" => "Would have run alone", "pending" => "Would have asked a person", _ => "Would have been denied" };

    public static string Did(HumanDid did) => did switch { HumanDid.Same => "did just that", HumanDid.Edited => "did it with other arguments", HumanDid.Different => "did something else", _ => "did nothing" };

    public static string Answer(string answer) => answer switch
    {
        ShadowAgreement.Nothing => "nothing", ShadowAgreement.Otherwise => "something else", ShadowAgreement.Others => "other actions", _ => VisibleText.Flatten(answer),
    };

    public static string What(ShadowSampleView s) => VisibleText.Flatten(s.Action + (s.ResourceType is null && s.ResourceId is null ? "" : $" on {s.ResourceType} {s.ResourceId}".TrimEnd()));

    public static string Number(double? value) => value is { } v ? v.ToString("0.00", CultureInfo.InvariantCulture) : "–";
    public static string Percent(double? share) => share is { } s ? (s * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";
    public static string Interval(AgreementView a) => a is { Low: { } low, High: { } high } ? $"{Number(low)} to {Number(high)}" : "–";

    /// <summary>Everything that agreement says, in sentences: what was observed, what is beyond chance, how sure that is.</summary>
    public static string Say(AgreementView a)
    {
        if (a.N == 0) return "Nothing is recorded yet, so there is no agreement to tell of.";
        var observed = $"Agents and people gave the same answer in {Math.Round(a.Observed!.Value * a.N).ToString(CultureInfo.InvariantCulture)} of {Counted.Of(a.N, "sample")} ({Percent(a.Observed)}; 2po − 1 = {Number(a.TwiceObservedLessOne)}).";
        var few = a.N < Few ? " These are few: it may be chance." : "";
        if (a.Kappa is not { } kappa) return $"{observed} Cohen's kappa is undefined: all of them have one and the same answer, so chance alone would agree always. Samples of other kinds say more.{few}";
        return a.Low is null ? $"{observed} Cohen's kappa is {Number(kappa)}. It has no interval where {(a.Observed >= 1 ? "all agree" : "none does")}: the approximation gives it no width there, which would be certainty out of {Counted.Of(a.N, "sample")}.{few}"
            : $"{observed} Beyond chance that is Cohen's kappa {Number(kappa)}, 95 % interval {Interval(a)}.{few}";
    }
}
