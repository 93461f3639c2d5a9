using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Reliability.Ui;

/// <summary>A rollout's figures over time, as charts with their sentence and as tables; each count leads to its records.</summary>
public sealed partial class ReliabilityPage
{
    private static readonly (string Word, string Title)[] Grains = [("day", "Days"), ("week", "Weeks")];
    private static readonly (string Word, string Title, string What, Func<PeriodView, ShareView> Of)[] Rates = [("override", "Override rate", "Override rate", p => p.Override), ("autonomy", "Autonomy", "Done without a person", p => p.Autonomy), ("outcome", "Outcome", "Succeeded", p => p.Success)];
    private const int MostMixed = 8;

    private ReliabilityView? _view;
    private (string, Grain, bool?, string?)? _read;
    private string? _fault;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery(Name = "by")] public string? By { get; set; }
    [SupplyParameterFromQuery(Name = "consequence")] public string? Wanted { get; set; }
    [SupplyParameterFromQuery(Name = "agent")] public string? AgentId { get; set; }
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private ReliabilityReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private Grain Grain => By == "day" ? Grain.Day : Grain.Week;
    private string? Agent => string.IsNullOrEmpty(AgentId) ? null : AgentId;
    private int Count => Grain == Grain.Day ? 28 : 12;
    private string Word => Grain == Grain.Day ? "day" : "week";
    private string Plural => Word + "s";
    private string Title => Grain == Grain.Day ? "Day" : "Week";
    private bool? High => Wanted switch { "high" => true, "low" => false, _ => null };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var asked = (Id, Grain, High, Agent);
        if (_read is not null && _read != asked) _view = null;
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, Id, new ReliabilityQuery(Grain, Count, Agent: Agent, HighConsequence: High), CancellationToken.None);
        if (asked != (Id, Grain, High, Agent)) return;   // the address moved on
        (_read, _fault, _view) = (asked, found.Fault?.Message, found.Ok ? found.Value : null);
    }

    private string At(string by, string? consequence) => $"/rollouts/{Id}/reliability?by={by}{(consequence is null ? "" : "&consequence=" + consequence)}{(Agent is null ? "" : "&agent=" + Uri.EscapeDataString(Agent))}";

    private void Narrow(ChangeEventArgs e)
    {
        AgentId = e.Value as string;
        Navigation.NavigateTo(At(Word, Wanted));
    }

    /// <summary>Those that a baseline judges in this time.</summary>
    private IEnumerable<ControlView> Watched => _view!.Charts.Where(c => c.Points.Any(p => p.Low is not null));

    private ControlView? Chart(string measure) => _view!.Charts.FirstOrDefault(c => c.Measure == measure);

    private string Judged(string measure) => Chart(measure) is { } chart ? " " + chart.Judged : _view!.Agents.Count > 1 && High is null ? " Limits are kept for each agent: choose one above." : "";

    /// <summary>With limits where the view is of one agent, else as they are.</summary>
    private IReadOnlyList<ControlPointView> Points(string measure, Func<PeriodView, ShareView> of)
        => Chart(measure)?.Points ?? [.. _view!.Periods.Select(p => new ControlPointView(p.Start, p.End, p.Running, of(p).Count, of(p).Of, of(p).Rate, null, null, null, null, "none", null, ""))];

    private IReadOnlyList<ControlPointView> IncidentPoints()
        => [.. _view!.Periods.Select(p => new ControlPointView(p.Start, p.End, p.Running, p.Incidents?.Count ?? 0, p.Incidents?.Of ?? 0, p.Incidents?.Rate, null, null, p.Incidents?.Low, p.Incidents?.High, "none", null, ""))];

    private string Marked(PeriodView p)
    {
        var marks = _view!.Marks.Where(m => m.At >= p.Start && m.At < p.End).ToList();
        return string.Join("; ", marks.Take(2).Select(m => m.Text)) + (marks.Count > 2 ? $"; {marks.Count - 2} more" : "");
    }

    private static List<(string Action, long N)> Mix(ReliabilityView view)
    {
        var all = view.Actions.GroupBy(a => a.Action, StringComparer.OrdinalIgnoreCase).Select(g => (Action: g.Key, N: g.Sum(a => a.Asked))).OrderByDescending(a => a.N).ThenBy(a => a.Action, StringComparer.Ordinal).ToList();
        return all.Count <= MostMixed ? all : [.. all.Take(MostMixed - 1), ("all others", all.Skip(MostMixed - 1).Sum(a => a.N))];
    }

    private static string SayMix(ReliabilityView view, long asked)
    {
        var (action, n) = Mix(view)[0];
        return $"{VisibleText.Flatten(action)} is {Percent(100.0 * n / asked)} of the {Number(asked)} asks in all of this time ({Counted.Of(view.Actions.Select(a => a.Action).Distinct(StringComparer.OrdinalIgnoreCase).Count(), "action")}).{Small(asked)}";
    }

    private IReadOnlyList<(string, double?)> Line(Func<PeriodView, double?> of) => [.. _view!.Periods.Select(p => (Grain == Grain.Week ? Name(p)[5..] : Name(p), of(p)))];

    /// <summary>The latest stretch that says something, and what the one before it said.</summary>
    private string Say(string what, Func<PeriodView, ShareView> of, string measure)
    {
        var said = _view!.Periods.Where(p => of(p).Of > 0).ToList();
        if (said.Count == 0) return $"{what}: nothing to count yet.";
        var (last, share) = (said[^1], of(said[^1]));
        return $"{what} {Percent(share.Rate!.Value * 100)} ({Number(share.Count)} of {Number(share.Of)}) {When(last)}, interval {Percent(share.Low!.Value * 100)} to {Percent(share.High!.Value * 100)}{(said.Count > 1 ? $"; {Percent(of(said[^2]).Rate!.Value * 100)} {When(said[^2])}" : "")}.{(Chart(measure)?.State is "in_control" or "out_of_control" ? "" : Small(share.Of))}";
    }

    private string SayIncidents()
    {
        var said = _view!.Periods.Where(p => p.Incidents is { Of: > 0 }).ToList();
        if (said.Count == 0) return $"{Counted.Of(_view.Periods.Sum(p => p.Incidents?.Count ?? 0), "incident")}; nothing was executed yet, so there is no rate.";
        var (last, rate) = (said[^1], said[^1].Incidents!);
        return string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(rate.Count, "incident")} {When(last)}: {rate.Rate:0.##} per 1,000 executed, interval {rate.Low:0.##} to {rate.High:0.##}.{Small(rate.Of)}");
    }

    private string SayLatency()
    {
        var said = _view!.Periods.Where(p => p.Approval.N > 0).ToList();
        return said.Count == 0 ? "No person decided anything yet." : $"Half of {Counted.Of(said[^1].Approval.N, "request")} {When(said[^1])} were decided within {Took(said[^1].Approval.P50)}, nine of ten within {Took(said[^1].Approval.P90)}.{Small(said[^1].Approval.N)}";
    }

    private string SayCost()
    {
        var said = _view!.Periods.Where(p => p.CostPerAction > 0).ToList();
        return said.Count == 0 ? "No cost was reported yet." : string.Create(CultureInfo.InvariantCulture, $"{said[^1].CostPerAction:0.####} $ per executed action {When(said[^1])}, {said[^1].CostUsd:0.00} $ in all.");
    }

    /// <summary>Of the stretches shown; null where there is none.</summary>
    private decimal? Cap => _view!.CapUsdPerDay * (Grain == Grain.Week ? 7 : 1);

    private string SayCap(decimal cap)
    {
        var most = _view!.Periods.MaxBy(p => p.CostUsd)!;
        return string.Create(CultureInfo.InvariantCulture, $"The agents' daily caps come to {cap:0.##} $ {(Grain == Grain.Week ? "a week" : "a day")}; the most was {most.CostUsd:0.00} $, {100 * most.CostUsd / cap:0.#} %, {When(most)}.");
    }

    private string SaySpan(string what, Func<PeriodView, SpanView?> of)
    {
        var said = _view!.Periods.Where(p => of(p) is { N: > 0 }).ToList();
        var span = of(said[^1])!;
        return $"Of {Counted.Of(span.N, "incident")} detected {When(said[^1])} half were {what} within {Took(span.P50)}, nine of ten within {Took(span.P90)}; the mean is {Took(span.Mean)}.{Small(span.N)}";
    }

    private static string Minutes(double minutes) => minutes.ToString("0.#", CultureInfo.InvariantCulture) + " min";

    private string SayShadow()
    {
        var said = _view!.Periods.Where(p => p.Shadow is { N: > 0 }).ToList();
        var (last, s) = (said[^1], said[^1].Shadow!);
        var kappa = s.Kappa is not { } k ? "kappa is undefined, because all have one and the same answer" : string.Create(CultureInfo.InvariantCulture, $"kappa {k:0.00}{(s.Low is { } low ? string.Create(CultureInfo.InvariantCulture, $", interval {low:0.00} to {s.High:0.00}") : "")}");
        return $"Agents and people gave the same answer in {Number(s.Agreed)} of {Counted.Of(s.N, "shadow sample")} {When(last)}; {kappa}.{Small(s.N)}";
    }

    private static string Small(long n) => n < 30 ? " Few so far: it may be chance." : "";

    private string When(PeriodView p) => Grain == Grain.Week ? "in week " + Name(p) : "on " + Name(p);

    private string Name(PeriodView p) => Name(p.Start);
    private string Short(DateTimeOffset at) => Grain == Grain.Week ? Name(at)[5..] : Name(at);

    private string Name(DateTimeOffset at)
    {
        var day = TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(_view!.Zone)).DateTime;
        return Grain == Grain.Week ? string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):00}") : day.ToString("d MMM", CultureInfo.InvariantCulture);
    }

    private string Records(PeriodView p) => Records(p.Start, p.End);
    private string Records(ControlPointView p) => Records(p.Start, p.End);
    private string Records(DateTimeOffset from, DateTimeOffset to) => $"/decisions?rollout={Id}&mode=live{(Wanted is "high" or "low" ? "&consequence=" + Wanted : "")}{(Agent is null ? "" : "&agent=" + Uri.EscapeDataString(Agent))}&from={Uri.EscapeDataString(Exact(from))}&to={Uri.EscapeDataString(Exact(to))}";

    private string Records(ActionFigures a) => $"/decisions?rollout={Id}&mode=live&consequence={(a.HighConsequence ? "high" : "low")}&agent={a.AgentId}&action={Uri.EscapeDataString(a.Action)}&from={Uri.EscapeDataString(Exact(_view!.Periods[0].Start))}&to={Uri.EscapeDataString(Exact(_view.Periods[^1].End))}";

    /// <summary>The log of what was reported in these days, by the rollout's clocks.</summary>
    private string Log(PeriodView p)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(_view!.Zone);
        return $"/incidents?all=true&rollout={Id}&from={Day(p.Start)}&to={Day(p.End.AddTicks(-1))}";

        string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    private static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
    private static string Percent(double percent) => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %";
    private static string Took(double? seconds) => DurationWords.Of(TimeSpan.FromSeconds(Math.Round(seconds ?? 0)));

    private static RenderFragment Share(ShareView? share) => builder =>
    {
        if (share is not { Of: > 0 }) builder.AddMarkupContent(0, "<span class=\"muted\">–</span>");
        else
        {
            builder.OpenElement(1, "span");
            builder.AddAttribute(2, "title", $"{Number(share.Count)} of {Number(share.Of)}, interval {Percent(share.Low!.Value * 100)} to {Percent(share.High!.Value * 100)}");
            builder.AddContent(3, $"{Percent(share.Rate!.Value * 100)} ({Number(share.Count)} of {Number(share.Of)})");
            builder.CloseElement();
        }
    };
}
