//! NIST Statistical Reference Datasets, linear regression: certified to 15 digits.

use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::least_squares::LinearFit;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap();
    list.iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Correct decimal digits: −log10 of the relative error, 17 for none.
fn digits(found: f64, certified: f64) -> f64 {
    let error = ((found - certified) / certified).abs();
    if error == 0.0 {
        17.0
    } else {
        -libm::log10(error)
    }
}

/// Smallest number of correct digits over coefficients and over standard errors. Where the
/// certified standard error is 0, the one found must be below 1e-9 of the coefficient.
fn worst(case: &str) -> (f64, f64) {
    let case = json(case);
    let input = &case["input"];
    let fit = PolynomialFit::new(
        &numbers(&input["x"]),
        &numbers(&input["y"]),
        usize::try_from(input["degree"].as_u64().unwrap()).unwrap(),
        input["through_origin"].as_bool().unwrap_or_default(),
    )
    .unwrap();
    let powers = fit.powers().unwrap();
    let errors = powers.standard_errors.unwrap();
    let (mut coefficient, mut error) = (17.0_f64, 17.0_f64);
    for expected in case["expect"].as_array().unwrap() {
        let value = expected["value"].as_f64().unwrap();
        let (name, index) = expected["at"].as_str().unwrap()[1..]
            .split_once('/')
            .unwrap_or((&expected["at"].as_str().unwrap()[1..], "0"));
        let index: usize = index.parse().unwrap();
        match name {
            "coefficients" => {
                coefficient = coefficient.min(digits(powers.coefficients[index], value))
            }
            "standard_errors" if value == 0.0 => {
                assert!(errors[index] < 1e-9 * powers.coefficients[index].abs());
            }
            "standard_errors" => error = error.min(digits(errors[index], value)),
            "residual_sd" if value == 0.0 => assert!(fit.residual_sd.unwrap() < 1e-9),
            "residual_sd" => error = error.min(digits(fit.residual_sd.unwrap(), value)),
            other => {
                assert_eq!(other, "r2");
                error = error.min(digits(fit.r_squared.unwrap(), value));
            }
        }
    }
    (coefficient, error)
}

macro_rules! case {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!(
                "../../../../fixtures/validation/fit/nist-",
                $name,
                ".json"
            )),
        )
    };
}

#[test]
fn polynomial_sets_have_the_certified_digits() {
    // Issue 4 asks 13/9/7 digits of coefficients and 10/9/6 of standard errors by
    // difficulty. What is
    // missing is the rounding of decimal data to f64: it alone leaves 13.5 of Pontius and
    // 13.2 of Wampler2.
    for ((name, case), wanted) in [
        (case!("norris"), 14.0),
        (case!("pontius"), 13.5),
        (case!("noint1"), 14.0),
        (case!("noint2"), 14.0),
        (case!("wampler1"), 15.5),
        (case!("wampler2"), 13.0),
        (case!("wampler3"), 14.0),
        (case!("wampler4"), 14.0),
        (case!("wampler5"), 14.0),
        (case!("filip"), 13.5),
    ] {
        let (coefficient, error) = worst(case);
        assert!(coefficient >= wanted, "{name}: {coefficient} digits");
        assert!(error >= 13.5, "{name}: {error} digits of errors");
    }
}

/// Six collinear predictors and a constant, by the same factorisation.
#[test]
fn longley_has_the_certified_digits() {
    let set = json(include_str!("../data/nist_longley.json"));
    let y = numbers(&set["y"]);
    let mut predictors = vec![vec![1.0; y.len()]];
    predictors.extend(set["x"].as_array().unwrap().iter().map(numbers));
    let fit = LinearFit::new(&predictors, &y).unwrap();
    let errors = fit.standard_errors.unwrap();
    for (found, certified) in [
        (&fit.coefficients, &set["certified_estimates"]),
        (&errors, &set["certified_sd"]),
    ] {
        for (found, certified) in found.iter().zip(numbers(certified)) {
            assert!(digits(*found, certified) >= 14.0, "{found} for {certified}");
        }
    }
    let number = |key: &str| set[key].as_f64().unwrap();
    assert!(digits(fit.residual_sd.unwrap(), number("residual_sd")) >= 14.0);
    assert!(digits(fit.r_squared.unwrap(), number("r2")) >= 14.0);
    // A predictor that repeats another determines nothing.
    predictors.push(predictors[3].iter().map(|v| 2.0 * v + 1.0).collect());
    assert!(LinearFit::new(&predictors, &y).is_err());
}
