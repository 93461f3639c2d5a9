using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>A dialog that proves anew who sits at the browser. The password is checked as at sign-in, with its lock-out, and the session is fresh afterwards.</summary>
public sealed partial class PasswordAgain
{
    private readonly string _form = $"again-{Guid.NewGuid():N}";
    private TaskCompletionSource<bool>? _asked;
    private string _why = "", _password = "";
    private string? _wrong;
    private bool _busy;

    [Inject] private AccountService Account { get; set; } = default!;
    [Inject] private CurrentPerson Current { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Provider { get; set; } = default!;

    /// <summary>Does something as whoever is signed in; where that wants a fresh sign-in, asks for the password and does it once more. Null when it was done, else why not.</summary>
    public async Task<Fault?> TryAsync(Func<PersonCaller, Task<Fault?>> act)
    {
        var fault = await OnceAsync();
        return fault is { Code: FreshSignIn.Code } && await AskAsync(fault.Message) ? await OnceAsync() : fault;

        async Task<Fault?> OnceAsync()
        {
            var me = await Current.RequireAsync();
            return me.Fault ?? await act(me.Value);
        }
    }

    /// <summary>Opens the dialog; true once the password was right, false when it was closed.</summary>
    /// <param name="why">What it is asked for.</param>
    private Task<bool> AskAsync(string why)
    {
        Answer(false);
        (_asked, _why, _password, _wrong) = (new TaskCompletionSource<bool>(), why, "", null);
        StateHasChanged();
        return _asked.Task;
    }

    private async Task ProveAsync()
    {
        if (_busy || _password.Length == 0) return;
        _busy = true;
        try
        {
            var proven = await Account.ProveAgainAsync((await Provider.GetAuthenticationStateAsync()).User, _password, CancellationToken.None);
            (_wrong, _password) = (proven.Fault?.Message, "");
            if (proven.Ok) Answer(true);
        }
        finally
        {
            _busy = false;
        }
    }

    private void Answer(bool proven)
    {
        var asked = _asked;
        _asked = null;
        asked?.TrySetResult(proven);
    }
}
