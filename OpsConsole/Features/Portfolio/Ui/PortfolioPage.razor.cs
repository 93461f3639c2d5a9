using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;

namespace OpsConsole.Features.Portfolio.Ui;

/// <summary>A row per rollout with small multiples, aligned so that eyes run down a column.</summary>
public sealed partial class PortfolioPage
{
    /// <summary>A figure that each rollout has a small chart of.</summary>
    private sealed record Column(string Title, string Words, Func<PeriodView, double?> Of, Func<double, string> Write, double? Top = null);

    private static readonly Column[] Columns =
    [
        new("Asked", "Asked", p => p.Asked == 0 ? null : p.Asked, Number),
        new("Alone", "Executed without a person", p => p.Autonomy.Rate, Percent, 1),
        new("Overridden", "Override rate", p => p.Override.Rate, Percent),
        new("Incidents per 1,000", "Incidents per 1,000 executed", p => p.Incidents?.Rate, Plain),
        new("9 of 10 decided within", "Nine of ten decided within", p => p.Approval.P90, seconds => DurationWords.Of(TimeSpan.FromSeconds(Math.Round(seconds)))),
        new("Cost", "Reported cost", p => p.CostUsd == 0 ? null : (double)p.CostUsd, usd => usd.ToString("0.00", CultureInfo.InvariantCulture) + " $"),
    ];

    private static readonly string[] Topics = ["state", "incidents", WeeklyReviewDesk.Topic];
    private PortfolioView? _view;
    private Dictionary<string, double> _tops = [];
    private string? _fault;

    [Inject] private PortfolioReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var me = await Person.RequireAsync();
        if (me.Fault is { } gone)
        {
            _fault = gone.Message;
            return;
        }
        (_view, _fault) = (await Reader.ReadAsync(me.Value, CancellationToken.None), null);
        _tops = Columns.ToDictionary(c => c.Title, c => c.Top ?? Math.Max(_view.Rollouts.SelectMany(r => r.Weeks).Max(c.Of) ?? 0, 1e-9));
    }

    private static (PeriodView Week, double Value)? Last(PortfolioRow row, Column column)
        => row.Weeks.Reverse().Select(w => (Week: w, Value: column.Of(w))).Where(w => w.Value is not null).Select(w => ((PeriodView, double)?)(w.Week, w.Value!.Value)).FirstOrDefault();

    private static string Newest(PortfolioRow row, Column column) => Last(row, column) is { } last ? column.Write(last.Value) : "";

    private static string Sentence(PortfolioRow row, Column column)
    {
        if (Last(row, column) is not { } last) return $"{column.Words}: nothing to count in {PortfolioReader.Weeks} weeks.";
        var said = row.Weeks.Select(column.Of).OfType<double>().ToList();
        return $"{column.Words}: {column.Write(last.Value)} in {Week(row, last.Week)}{(last.Week.Running ? " so far" : "")}; from {column.Write(said.Min())} to {column.Write(said.Max())} in {Counted.Of(said.Count, "week")}.";
    }

    private static string Week(PortfolioRow row, PeriodView week)
    {
        var day = TimeZoneInfo.ConvertTime(week.Start, TimeZoneInfo.FindSystemTimeZoneById(row.Zone)).DateTime;
        return string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):00}");
    }

    private static string Say(PortfolioRow row)
    {
        var said = row.Verdicts.Select((v, i) => (Verdict: v, Week: row.Weeks[i])).Where(v => v.Verdict is not null).Select(v => $"{Week(row, v.Week)} {v.Verdict}").ToList();
        return said.Count == 0 ? "No weekly review yet" : "Weekly reviews: " + string.Join(", ", said);
    }

    private static string Mark(string? verdict) => verdict switch { "keep" => "✓", "adjust" => "↻", "stop" => "■", "open" => "◔", _ => "·" };

    private static string Number(double n) => n.ToString("N0", CultureInfo.InvariantCulture);
    private static string Plain(double n) => n.ToString("0.##", CultureInfo.InvariantCulture);
    private static string Percent(double rate) => (rate * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
