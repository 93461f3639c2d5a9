using Microsoft.AspNetCore.Components;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>How many requests wait for the reader, live, in the navigation.</summary>
public sealed partial class ApprovalBadge
{
    private const int Most = 99;
    private static readonly string[] Topics = ["approvals", "state"];
    private int _count;

    [Inject] private ApprovalInbox Inbox { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private string Shown => _count > Most ? $"{Most}+" : _count.ToString(System.Globalization.CultureInfo.InvariantCulture);
    private string Tip => $"{Shown} {(_count == 1 ? "approval waits" : "approvals wait")} for you";

    protected override Task OnInitializedAsync() => CountAsync();

    private async Task CountAsync()
    {
        try
        {
            _count = await Person.GetAsync() is { } me ? (await Inbox.QueueAsync(me, null, mineOnly: true, Most + 1, CancellationToken.None, shared: true)).Count : 0;
        }
        catch (Exception)
        {
            // The database cannot be read: the banner and the page say so; a number that may be wrong is worse than none.
            _count = 0;
        }
    }
}
