using Microsoft.AspNetCore.Components;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>How many incidents wait for the reader to take them, live, in the navigation.</summary>
public sealed partial class IncidentBadge
{
    private static readonly string[] Topics = [IncidentDesk.Topic, "state"];
    private int _count;

    [Inject] private IncidentReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private string Tip => _count == 1 ? "1 incident waits for you" : $"{_count} incidents wait for you";

    protected override Task OnInitializedAsync() => CountAsync();

    private async Task CountAsync()
    {
        try
        {
            _count = await Person.GetAsync() is { } me ? await Reader.WaitingAsync(me, CancellationToken.None) : 0;
        }
        catch (System.Data.Common.DbException)
        {
            _count = 0;   // the banner and the page say so; a number that may be wrong is worse than none
        }
    }
}
