using OpsConsole.Core.Access;

namespace OpsConsole.Features.Access.Ui;

/// <summary>What a person does to their own account. A new token is shown once and forgotten with the dialog.</summary>
public sealed partial class AccountPage
{
    private static readonly string[] Topics = ["health"];
    private readonly HashSet<string> _scopes = [];
    private PersonCaller? _me;
    private PasswordAgain? _again;
    private IReadOnlyList<TokenView> _tokens = [];
    private bool _failed;
    private bool _creating;
    private bool _signingOut;
    private bool _revokeTokens = true;
    private TokenView? _revoking;
    private NewToken? _new;
    private string? _refusal;
    private string? _passwordRefusal;
    private string _present = "";
    private string _next = "";
    private string _name = "";
    private int _days = TokenService.DefaultDays;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _me = await Current.GetAsync();
            if (_me is not null) _tokens = await Tokens.ListAsync(_me, CancellationToken.None);
            _failed = false;
        }
        catch (System.Data.Common.DbException)
        {
            _failed = true;
        }
    }

    private void AskToken()
    {
        (_creating, _new, _refusal, _name, _days) = (true, null, null, "", TokenService.DefaultDays);
        _scopes.Clear();
    }

    // With the dialog goes the token: nothing keeps it for as long as the page stays open.
    private void CloseToken(bool open) => (_creating, _new, _refusal) = (open, null, null);

    private void Toggle(string scope, bool on)
    {
        if (on) _scopes.Add(scope); else _scopes.Remove(scope);
    }

    private async Task CreateAsync()
    {
        if (_scopes.Count == 0 || TokenService.Wrong([.. _scopes]) is not null)
        {
            _refusal = "Choose at least one scope.";
            return;
        }
        if (_days is < 1 or > TokenService.LongestDays)
        {
            _refusal = $"A token lives from 1 to {TokenService.LongestDays} days.";
            return;
        }
        NewToken? token = null;
        var fault = await _again!.TryAsync(async me =>
        {
            var made = await Tokens.CreateAsync(me, [.. _scopes], _name.Length == 0 ? null : _name, _days);
            if (made.Ok) token = made.Value;
            return made.Fault;
        });
        _refusal = fault?.Message;
        if (token is null) return;
        _new = token;
        await LoadAsync();
    }

    private void AskRevoke(TokenView token) => (_revoking, _refusal) = (token, null);

    private async Task RevokeAsync(string? _)
    {
        var me = await Current.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Tokens.RevokeAsync(me.Value, _revoking!.Id);
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _revoking = null;
        Toasts.Done("The token is revoked.");
        await LoadAsync();
    }

    private async Task ChangePasswordAsync()
    {
        var me = await Current.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Account.ChangePasswordAsync(me.Value, _present, _next, _revokeTokens, CancellationToken.None);
        _passwordRefusal = done.Fault?.Message;
        if (done.Ok) Navigation.NavigateTo("/account/sign-in", forceLoad: true);
    }

    private void AskSignOut() => (_signingOut, _refusal) = (true, null);

    private async Task SignOutEverywhereAsync(string? _)
    {
        var me = await Current.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Account.SignOutEverywhereAsync(me.Value);
        _refusal = done.Fault?.Message;
        if (done.Ok) Navigation.NavigateTo("/account/sign-in", forceLoad: true);
    }
}
